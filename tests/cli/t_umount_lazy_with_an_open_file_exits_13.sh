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
all_gone() { ! is_attached box.img; }
wait_for 10 all_gone
