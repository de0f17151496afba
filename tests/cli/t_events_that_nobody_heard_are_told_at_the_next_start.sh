# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img
listening
killed=$background
mounted box.img
wait_for 20 has_told mounted 1
# Neither the server nor the listener tells anybody of its end.
kill -KILL "$killed"
kill_server box.img KILL
listening
wait_for 20 has_told departed 1
expect_equal "$(story)" "departed:lost"
ck umount box.img
# Without any listener the clean-up is the end, and told as what it is.
mounted box.img
kill -KILL "$background"
kill_server box.img KILL
ck umount box.img
ck events --since 0 --timeout 0 --json
cp "$out" all
valid_events all
expect_equal "$(told arrived all) $(told departed all) $(grep -c '"lost"' all)" "2 2 2"
