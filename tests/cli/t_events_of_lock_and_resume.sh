# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img
listening
open_disk box.img
ck lock box.img
wait_for 20 has_told locked 1
# What is locked is attached.
ok "$CRYPTDISK" events --wait locked box.img --timeout 20
expect_exit 14 "$CRYPTDISK" events --wait departed box.img --timeout 200ms
ck resume box.img -d "$KEY" --no-input
wait_for 20 has_told unlocked 2
ok "$CRYPTDISK" events --wait unlocked box.img --timeout 20
ck lock box.img
ck close box.img
wait_for 20 has_told departed 1
expect_equal "$(story)" "arrived unlocked locked unlocked locked departed:user"
valid_events
