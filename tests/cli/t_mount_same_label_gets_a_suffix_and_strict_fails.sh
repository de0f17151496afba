# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container one.img --label twin
new_container two.img --label twin
new_container three.img --label twin
mounted one.img
first=$mnt
mounted two.img
expect_equal "$mnt" "$first-2"
expect_exit 5 "$CRYPTDISK" mount three.img "$first" --strict -d "$KEY" --no-input
nothing_left three.img
ck umount two.img
ck umount one.img
