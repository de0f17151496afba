# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 400
. /t/suites/backends/lib.sh
grows() {
	local fs before size
	for fs in $(filesystems ext4 xfs btrfs); do
		box "$fs.img" "$fs" 320M
		mounts "$fs.img"
		dd if=/dev/urandom of="$mnt/data" bs=1M count=4 conv=fsync status=none
		before=$(digest "$mnt/data") size=$(findmnt -bno SIZE "$mnt")
		ck resize "$fs.img" 480M --no-input
		expect_equal "$(stat -c %s "$fs.img")" $((480 << 20))
		(($(findmnt -bno SIZE "$mnt") > size + (100 << 20))) || fail "$fs did not grow"
		# The new space is there and is encrypted with the same key.
		fallocate -l 250M "$mnt/old space"
		dd if=/dev/urandom of="$mnt/more" bs=1M count=10 conv=fsync status=none
		digest "$mnt/more" >more
		unmount "$fs.img"
		mounts "$fs.img"
		expect_equal "$(digest "$mnt/data")" "$before"
		expect_equal "$(digest "$mnt/more")" "$(<more)"
		expect_exit 12 "$CRYPTDISK" resize "$fs.img" 200M --no-input
		unmount "$fs.img"
		rm "$fs.img"
	done
}
each grows
