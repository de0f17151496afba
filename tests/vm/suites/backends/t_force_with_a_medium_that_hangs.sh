# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 120
. /t/suites/backends/lib.sh
# The container lies on a mapping that is suspended: what is written to it waits.
hangs() {
	wipefs -aq /dev/vdb
	dmsetup create medium --table "0 262144 linear /dev/vdb 0"
	cleanup "dmsetup resume medium; dmsetup remove medium"
	box /dev/mapper/medium
	mounts /dev/mapper/medium
	echo kept >"$mnt/kept"
	sync
	dmsetup suspend --nolockfs medium
	dd if=/dev/zero of="$mnt/late" bs=1M count=4 conv=fsync status=none 2>/dev/null &
	milliseconds "$CRYPTDISK" list >/dev/null
	((elapsed < 5000)) || fail "list took $elapsed ms"
	milliseconds expect_exit 14 "$CRYPTDISK" umount "$mnt" --no-input --force
	((elapsed < 10000)) || fail "$elapsed ms"
	! mountpoint -q "$mnt" || fail "still mounted"
	dmsetup resume medium
	wait $! || true
	wait_for 30 nothing_listed
	mounts /dev/mapper/medium
	expect_equal "$(<"$mnt/kept")" kept
	ck umount "$mnt" --no-input
	dmsetup remove medium
}
nothing_listed() { ! dmsetup ls | grep -q cryptdisk-; }
each hangs
