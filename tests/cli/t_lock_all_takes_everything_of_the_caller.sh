# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container one.img
new_container two.img
new_container three.img
mounted one.img
open_disk two.img
open_disk three.img
ck lock two.img
ck lock --all --dry-run --json
valid_json
ck lock --all --json
valid_json
expect_equal "$(json changed)" true
expect_equal "$(grep -o '"state": *"locked"' "$out" | wc -l)" 3
ck lock --all --json
expect_equal "$(json changed)" false
for file in one two three; do
	ck resume $file.img -d "$KEY" --no-input
done
expect_exit 1 "$CRYPTDISK" lock
expect_exit 1 "$CRYPTDISK" lock one.img --all
