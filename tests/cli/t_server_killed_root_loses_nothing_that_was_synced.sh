# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
backend fuse
requires_fuse
requires_loop
new_container box.img
mounted box.img
head -c 5000000 /dev/urandom >data
cp data "$mnt/synced"
sync "$mnt/synced"
head -c 3000000 /dev/urandom >"$mnt/dirty"
kill_server box.img KILL
sync_fails "$mnt/dirty"
ck list --json
valid_json
milliseconds ck umount box.img
((elapsed < 5000)) || fail "umount took $elapsed ms"
nothing_left box.img
! mountpoint -q "$mnt" || fail "still mounted"
open_disk box.img
e2fsck -fy "$disk" >"$T/.fsck" 2>&1 || (($? < 4)) || fail "e2fsck: $(cat "$T/.fsck")"
ck close box.img
mounted box.img
cmp data "$mnt/synced"
