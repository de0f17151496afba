# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container one.img --label twin
new_container two.img --label twin
mounted one.img
mounted two.img
expect_exit 4 "$CRYPTDISK" umount label:twin
expect_stderr "$("$CRYPTDISK" id show one.img)"
expect_stderr "$("$CRYPTDISK" id show two.img)"
ck umount one.img
ck umount two.img
