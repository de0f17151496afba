# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. /t/suites/backends/lib.sh
grows() {
	local fs before
	for fs in ext4 xfs btrfs; do
		box "$fs.img" "$fs" 400M
		mounts "$fs.img"
		dd if=/dev/urandom of="$mnt/data" bs=1M count=30 conv=fsync status=none
		before=$(digest "$mnt/data")
		ck resize "$fs.img" 600M --no-input
		expect_equal "$(stat -c %s "$fs.img")" $((600 << 20))
		(($(findmnt -bno SIZE "$mnt") > 480 << 20)) || fail "$fs did not grow"
		# The new space is there and is encrypted with the same key.
		dd if=/dev/urandom of="$mnt/more" bs=1M count=350 conv=fsync status=none
		digest "$mnt/more" >more
		unmount "$fs.img"
		mounts "$fs.img"
		expect_equal "$(digest "$mnt/data")" "$before"
		expect_equal "$(digest "$mnt/more")" "$(<more)"
		expect_exit 12 "$CRYPTDISK" resize "$fs.img" 300M --no-input
		unmount "$fs.img"
		rm "$fs.img"
	done
}
each grows
