# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
copies() {
	local first
	box c.img
	cp c.img copy.img
	opened c.img
	first=$disk
	expect_exit 5 "$CRYPTDISK" open copy.img -d "$KEY" --no-input --backend "$backend"
	expect_stderr "--copy"
	expect_exit 5 "$CRYPTDISK" open copy.img -d "$KEY" --no-input --backend fuse
	opened copy.img --copy
	expect_equal "$disk" "$first-2"
	ck close "$disk" --no-input
	# A copy that a server has is in the way of the mapping's name as well.
	ck close c.img --no-input
	open_disk copy.img --backend fuse
	expect_exit 5 "$CRYPTDISK" open c.img -d "$KEY" --no-input --backend "$backend"
	opened c.img --copy
	expect_equal "$disk" "$first-2"
	ck close c.img --no-input
	ck close copy.img --no-input
}
each copies
