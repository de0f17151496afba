# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
requires_loop
new_container box.img --fs none --size 128M
open_disk box.img
dd if=/dev/urandom of="$disk" bs=1M count=100 conv=notrunc,fsync status=none
mkfs.ext4 -q -F -E lazy_itable_init=1 "$disk"
ck close box.img
mounted box.img -o init_itable=0,nodioread_nolock
for i in {1..20}; do
	fallocate -l 1M "$mnt/$i"
	dd if=/dev/zero of="$mnt/$i" bs=4096 count=1 seek=100 conv=notrunc,fsync status=none
done
ck umount box.img
mounted box.img -o nodioread_nolock
for i in {1..20}; do
	expect_equal "$(tr -d '\0' <"$mnt/$i" | wc -c)" 0 "file $i has garbage"
done
