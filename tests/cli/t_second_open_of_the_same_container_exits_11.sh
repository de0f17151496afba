# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
open_disk box.img
milliseconds expect_exit 11 "$CRYPTDISK" open box.img -d "$KEY" --no-input --json
valid_json
((elapsed < 2000)) || fail "$elapsed ms"
expect_exit 11 "$CRYPTDISK" mount box.img --readonly -d "$KEY" --no-input
ck close box.img
