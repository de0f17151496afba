# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
open_disk box.img
head -c 1M /dev/urandom >data
dd if=data of="$disk" bs=1M conv=notrunc,fsync status=none
ck lock box.img --json
valid_json
expect_equal "$(json changed) $(json volume.state)" "true locked"
in_background dd if="$disk" of=read bs=1M count=1 iflag=direct status=none
reader=$background
in_background dd if=data of="$disk" bs=1M seek=3 conv=notrunc,fsync oflag=direct status=none
sleep 0.5
! gone "$reader" || fail "a read was answered"
! gone "$background" || fail "a write was answered"
ck list --json
expect_equal "$(json 'volumes[0].state')" locked
ck resume box.img -d "$KEY" --no-input --json
valid_json
expect_equal "$(json changed) $(json volume.state)" "true unlocked"
ended_with 0
wait "$reader"
cmp data read
cmp -n 1048576 -i 0:3145728 data "$disk"
