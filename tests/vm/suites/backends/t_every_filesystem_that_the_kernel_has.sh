# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 400
. /t/suites/backends/lib.sh
every() {
	local fs
	for fs in ext4 xfs btrfs vfat; do
		box "$fs.img" "$fs" 320M
		mounts "$fs.img"
		expect_equal "$(findmnt -no FSTYPE "$mnt")" "$fs"
		expect_equal "$(status_of "$fs.img" state)" mounted
		expect_equal "$(status_of "$fs.img" mountpoint)" "$mnt"
		echo "$fs" >"$mnt/file"
		unmount "$fs.img"
		nothing_mapped
		mounts "$fs.img" --readonly
		expect_equal "$(<"$mnt/file")" "$fs"
		! touch "$mnt/more" 2>/dev/null || fail "written to"
		unmount "$fs.img"
		rm "$fs.img"
	done
}
each every
