# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
covered() {
	local before
	box c.img
	mounts c.img
	truncate -s 64M other.img
	mkfs.ext4 -q other.img
	mount -o loop other.img "$mnt"
	cleanup "umount $mnt"
	dd if=/dev/urandom of="$mnt/data" bs=1M count=8 conv=fsync status=none
	before=$(digest "$mnt/data")
	expect_exit 17 "$CRYPTDISK" trim c.img --no-input
	expect_exit 17 "$CRYPTDISK" resize c.img 96M --no-input
	sync
	echo 3 >/proc/sys/vm/drop_caches
	expect_equal "$(digest "$mnt/data")" "$before"
	umount "$mnt"
	unmount c.img
}
each covered
