# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
busy() {
	local holder
	box c.img
	mounts c.img
	sleep 300 >"$mnt/file" &
	holder=$!
	cleanup "kill $holder"
	wait_for 20 test -e "$mnt/file"
	expect_exit 17 "$CRYPTDISK" umount c.img --no-input
	expect_stderr "$holder"
	mountpoint -q "$mnt"
	expect_exit 13 "$CRYPTDISK" umount c.img --no-input --lazy
	! mountpoint -q "$mnt" || fail "still mounted"
	kill $holder
	wait $holder || true
	wait_for 20 nothing_listed
	# Who has the disk itself open is in the way, too, and is named.
	opened c.img
	sleep 300 <"$disk" &
	holder=$!
	cleanup "kill $holder"
	wait_for 20 eval '[[ $(readlink /proc/$holder/fd/0) == /dev/* && $(readlink /proc/$holder/fd/0) != /dev/null ]]'
	expect_exit 17 "$CRYPTDISK" close c.img --no-input
	expect_stderr "$holder"
	kill $holder
	wait $holder || true
	ck close c.img --no-input
}
nothing_listed() { ! dmsetup ls | grep -q cryptdisk-; }
each busy
