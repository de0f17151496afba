# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
head -c 2M /dev/urandom >data
cp data "$mnt/old"
ck lock box.img
writers=()
for i in 1 2 3; do
	in_background dd if=data of="$mnt/new$i" bs=64k conv=fsync status=none
	writers+=("$background")
done
sleep 0.3
kill -TERM "${writers[@]}"
kill -INT "${writers[@]}"
sleep 0.2
ck resume box.img -d "$KEY" --no-input
for background in "${writers[@]}"; do
	wait "$background" || true
done
cmp data "$mnt/old"
ck umount box.img
ck fsck box.img -d "$KEY" --no-input
