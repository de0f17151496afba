# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
detached() {
	box c.img ext4 64M --header c.hdr
	mounts c.img --header c.hdr
	echo text >"$mnt/file"
	ck umount "$mnt" --no-input
	mounts c.img --header c.hdr
	expect_equal "$(<"$mnt/file")" text
	ck umount "$mnt" --no-input
}
device() {
	wipefs -aq /dev/vdc
	box /dev/vdc
	mounts /dev/vdc
	echo text >"$mnt/file"
	expect_equal "$(status_of /dev/vdc file.path)" /dev/vdc
	expect_exit 11 "$CRYPTDISK" open /dev/vdc -d "$KEY" --no-input
	unmount /dev/vdc
	mounts /dev/vdc
	expect_equal "$(<"$mnt/file")" text
	unmount /dev/vdc
	wipefs -aq /dev/vdc
}
both() {
	detached
	device
}
each both
