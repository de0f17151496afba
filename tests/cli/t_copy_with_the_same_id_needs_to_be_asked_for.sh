# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
cp box.img copy.img
mounted box.img
expect_exit 5 "$CRYPTDISK" mount copy.img -d "$KEY" --no-input
expect_stderr "$("$CRYPTDISK" id show box.img)"
nothing_left copy.img
