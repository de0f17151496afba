# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
for fs in ext4 vfat exfat xfs btrfs; do
	PATH=$PATH:/usr/sbin command -v mkfs.$fs >/dev/null || continue
	new_container $fs.img --fs $fs --size 400M
	open_disk $fs.img
	expect_equal "$(/usr/sbin/blkid -p -o value -s TYPE "$disk")" $fs
	ck close $fs.img
done
