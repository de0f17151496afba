# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img
mounted box.img
echo data >"$mnt/file"
pid=$(server_pid box.img)
kill_server box.img STOP
milliseconds expect_exit 0 timeout 10 "$CRYPTDISK" umount box.img --force
((elapsed < 5500)) || fail "$elapsed ms"
nothing_left box.img
! mountpoint -q "$mnt" || fail "still mounted"
wait_for 2 gone "$pid"
open_disk box.img
