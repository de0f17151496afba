# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
keeps() {
	box c.img
	mounts c.img
	expect_equal "$(findmnt -no FSTYPE "$mnt")" ext4
	expect_equal "$(findmnt -no SOURCE "$mnt")" "/dev/mapper/$(name_of c.img)"
	expect_equal "$(status_of c.img backend)" "$backend"
	[[ $(below "$(name_of c.img)") == $([[ $backend == loop ]] && echo loop || echo cryptdisk)* ]]
	dd if=/dev/urandom of="$mnt/data" bs=1M count=20 conv=fsync status=none
	digest "$mnt/data" >before
	unmount c.img
	nothing_mapped
	mounts c.img
	expect_equal "$(digest "$mnt/data")" "$(<before)"
	unmount c.img
}
each keeps
