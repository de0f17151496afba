# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires mkfs.ext4 e2fsck
new_container box.img --fs none
open_disk box.img
dd if=/dev/urandom of="$disk" bs=1M count=48 conv=notrunc,fsync status=none
/usr/sbin/mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0,discard "$disk" >"$out" 2>&1
/usr/sbin/e2fsck -fn "$disk" >"$T/.fsck" 2>&1 || fail "e2fsck: $(cat "$T/.fsck")"
ck close box.img
open_disk box.img
/usr/sbin/e2fsck -fn "$disk" >"$T/.fsck" 2>&1 || fail "e2fsck: $(cat "$T/.fsck")"
