# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
touch "$mnt/file"
sleep 300 7>>"$mnt/file" &
holder=$!
cleanup "kill $holder"
# Root: the kernel's filesystem stays for as long as its file is open, and umount says so.
milliseconds expect_exit "$(is_root && echo 14 || echo 0)" "$CRYPTDISK" umount box.img --force
((elapsed < 6000)) || fail "$elapsed ms"
! mountpoint -q "$mnt" || fail "still mounted"
kill $holder
wait $holder || true
ck umount box.img
nothing_left box.img
ck info box.img
open_disk box.img
