# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires_user
new_container box.img
chmod 400 box.img
expect_exit 7 "$CRYPTDISK" open box.img -d "$KEY" --no-input
open_disk box.img --readonly
! dd if=/dev/zero of="$disk" bs=4096 count=1 conv=notrunc status=none 2>"$err" || fail "written"
