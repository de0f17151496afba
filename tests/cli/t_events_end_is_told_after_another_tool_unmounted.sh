# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_root
requires_fuse
new_container box.img
mounted box.img
listening
umount "$mnt"
wait_for 20 has_told unmounted 1
# The listener told that and lives on, which does not mean that somebody is at work on it.
kill_server box.img KILL
wait_for 20 has_told departed 1
expect_equal "$(story)" "unmounted departed:lost"
ck umount box.img
valid_events
