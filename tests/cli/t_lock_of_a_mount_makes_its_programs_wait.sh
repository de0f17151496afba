# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
head -c 3M /dev/urandom >data
cp data "$mnt/before"
ck lock "$mnt"
expect_equal "$(stat -f -c %T "$T" >/dev/null && ck status box.img --json && json volume.state)" locked
in_background dd if=data of="$mnt/after" bs=64k conv=fsync status=none
sleep 0.5
! gone "$background" || fail "a write was answered"
ck resume "$mnt" -d "$KEY" --no-input
ended_with 0
cmp data "$mnt/before"
cmp data "$mnt/after"
ck status box.img --json
expect_equal "$(json volume.state)" mounted
ck umount box.img
ck fsck box.img -d "$KEY" --no-input
