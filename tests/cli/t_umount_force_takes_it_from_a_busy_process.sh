# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
touch "$mnt/file"
sleep 300 7>>"$mnt/file" &
cleanup "kill $!"
milliseconds ck umount box.img --force
((elapsed < 6000)) || fail "$elapsed ms"
nothing_left box.img
! mountpoint -q "$mnt" || fail "still mounted"
ck info box.img
open_disk box.img
