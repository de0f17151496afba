# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
echo data >"$mnt/file"
ck umount box.img
before=$(digest box.img)
mounted box.img --readonly
expect_equal "$(cat "$mnt/file")" data
! touch "$mnt/new" 2>"$err" || fail "a read-only mount was written"
ck umount box.img
expect_equal "$(digest box.img)" "$before"
