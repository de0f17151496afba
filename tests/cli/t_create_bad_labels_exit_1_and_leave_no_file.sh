# SPDX-License-Identifier: GPL-2.0-or-later
long=$(printf 'x%.0s' {1..200})
for label in $'two\nlines' $'bell\a' "$long"; do
	expect_exit 1 "$CRYPTDISK" create box.img --size 64M --label "$label" -d "$KEY" --no-input
	expect_missing box.img
done
