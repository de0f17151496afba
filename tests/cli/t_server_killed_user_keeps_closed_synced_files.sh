# SPDX-License-Identifier: GPL-2.0-or-later
requires_user
backend fuse
requires_fuse
requires fuse2fs e2fsck
new_container box.img
mounted box.img
head -c 5000000 /dev/urandom >data
cp data "$mnt/synced"
sync "$mnt/synced"
sleep 1.2
kill_server box.img KILL
milliseconds ck umount box.img
((elapsed < 5000)) || fail "umount took $elapsed ms"
nothing_left box.img
open_disk box.img
/usr/sbin/e2fsck -fy "$disk" >"$T/.fsck" 2>&1 || (($? < 4)) || fail "e2fsck: $(cat "$T/.fsck")"
ck close box.img
mounted box.img
cmp data "$mnt/synced"
