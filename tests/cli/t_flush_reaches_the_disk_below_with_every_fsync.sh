# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires_loop
truncate -s 400M host.img
mkfs.ext4 -q -F host.img
host=$(losetup --find --show host.img)
cleanup "losetup -d $host"
mkdir host
mount "$host" host
cleanup "umount $T/host"
new_container host/box.img --size 128M
flushes() { awk '{ print $16 }' "/sys/block/${host##*/}/stat"; }
mounted host/box.img
for i in 1 2 3; do
	before=$(flushes)
	dd if=/dev/urandom of="$mnt/$i" bs=1M count=1 conv=fsync status=none
	(($(flushes) > before)) || fail "fsync $i of a file reached no disk"
done
ck umount host/box.img
open_disk host/box.img
before=$(flushes)
dd if=/dev/urandom of="$disk" bs=1M count=1 seek=90 conv=notrunc,fsync status=none
(($(flushes) > before)) || fail "fsync of the disk reached no disk"
before=$(flushes)
dd if=/dev/urandom of="$disk" bs=1M count=1 seek=92 conv=notrunc,fdatasync status=none
(($(flushes) > before)) || fail "fdatasync of the disk reached no disk"
ck close host/box.img
