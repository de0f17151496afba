# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
head -c 2M /dev/urandom >data
cp data "$mnt/file"
sync "$mnt/file"
sleep 1.2
ck lock box.img
in_background dd if=data of="$mnt/late" bs=64k conv=fsync status=none
sleep 0.3
milliseconds expect_exit 0 timeout 10 "$CRYPTDISK" umount box.img --force
((elapsed < 5500)) || fail "$elapsed ms"
nothing_left box.img
! mountpoint -q "$mnt" || fail "still mounted"
wait "$background" || true
if is_root; then
	! losetup -a | grep -q "$PWD" || fail "a loop device is left"
fi
mounted box.img
cmp data "$mnt/file"
