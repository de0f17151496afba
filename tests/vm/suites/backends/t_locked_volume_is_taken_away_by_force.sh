# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. /t/suites/backends/lib.sh
taken() {
	box c.img
	mounts c.img
	echo kept >"$mnt/kept"
	ck lock c.img --no-input
	echo lost >"$mnt/lost" 2>/dev/null &
	milliseconds "$CRYPTDISK" umount c.img --no-input --force || (($? == 14)) || fail "exit $?"
	((elapsed < 15000)) || fail "$elapsed ms"
	! mountpoint -q "$mnt" || fail "still mounted"
	wait $! || true
	wait_for 30 nothing_listed
	mounts c.img
	expect_equal "$(<"$mnt/kept")" kept
	unmount c.img
}
nothing_listed() { ! dmsetup ls | grep -q cryptdisk-; }
each taken
