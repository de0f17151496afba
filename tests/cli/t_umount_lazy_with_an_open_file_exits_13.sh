# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
touch "$mnt/file"
sleep 300 7>>"$mnt/file" &
holder=$!
cleanup "kill $holder"
expect_exit 13 "$CRYPTDISK" umount box.img --lazy
! mountpoint -q "$mnt" || fail "still mounted"
kill $holder
wait $holder || true
server_gone() { [[ -z $(server_pid box.img) ]]; }
wait_for 10 server_gone
