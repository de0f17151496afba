# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
open_disk box.img
head -c 1M /dev/urandom >data
ck lock box.img
in_background dd if=data of="$disk" bs=1M seek=2 conv=notrunc oflag=direct status=none
sleep 0.3
for signal in TERM INT USR1 TERM; do
	kill "-$signal" "$background"
	sleep 0.1
	! gone "$background" || fail "the write came back after SIG$signal"
done
ck resume box.img -d "$KEY" --no-input
wait "$background" || true
cmp -n 1048576 -i 0:2097152 data "$disk"
