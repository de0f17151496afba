# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img
mounted box.img
listening
ck lock "$mnt"
wait_for 20 has_told locked 1
# It is not mounted again by that: whoever waits for "mounted" waits on.
expect_exit 11 "$CRYPTDISK" umount box.img
expect_exit 14 "$CRYPTDISK" events --wait mounted box.img --timeout 200ms
ck resume "$mnt" -d "$KEY" --no-input
wait_for 20 has_told unlocked 1
expect_equal "$(story)" "locked unlocked"
valid_events
