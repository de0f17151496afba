# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
for disk in vdb vdc; do
	expect_equal "$(blockdev --getsize64 "/dev/$disk")" $((1 << 30))
	cmp -n 1048576 "/dev/$disk" /dev/zero || fail "/dev/$disk is not empty"
done
expect_equal "$(stat -f -c %T /scratch)" ext2/ext3
dd if=/dev/zero of=direct bs=4096 count=4 oflag=direct status=none
truncate -s 1M holes && dd if=/dev/urandom of=holes bs=1M count=1 conv=notrunc,fsync status=none
fallocate --punch-hole --offset 0 --length 524288 holes
expect_equal "$(($(stat -c %b holes) * 512))" 524288
