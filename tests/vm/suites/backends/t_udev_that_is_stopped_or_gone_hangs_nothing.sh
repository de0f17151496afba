# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. /t/suites/backends/lib.sh
cycle() {
	mounts c.img
	echo "$1" >"$mnt/$1"
	milliseconds ck umount c.img --no-input
	((elapsed < 20000)) || fail "umount took $elapsed ms"
	! dmsetup ls | grep -q cryptdisk- || fail "a mapping is left"
	[[ ! -b $disk_node ]] || fail "a node is left"
}
without_udev() {
	local udev
	box c.img
	disk_node=/dev/mapper/$(name_of c.img)
	udev=$(pgrep -o -x systemd-udevd)
	kill -STOP "$udev"
	cleanup "kill -CONT $udev"
	cycle stopped
	kill -CONT "$udev"
	udevadm settle
	stop_udevd
	cleanup udevd_runs
	cycle ended
	cycle again
	start_udevd
	mounts c.img
	ls "$mnt/stopped" "$mnt/ended" "$mnt/again"
	unmount c.img
}
each without_udev
