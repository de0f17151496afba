# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
under_load() {
	local holder
	box c.img
	mounts c.img
	echo kept >"$mnt/kept"
	sync
	bash -c 'exec 9>"$1/file"; while :; do dd if=/dev/zero bs=64k count=16 conv=fsync of="$1/load" 2>/dev/null || sleep 0.1; done' - "$mnt" &
	holder=$!
	cleanup "kill $holder"
	wait_for 20 test -s "$mnt/load"
	milliseconds expect_exit 14 "$CRYPTDISK" umount c.img --no-input --force
	((elapsed < 8000)) || fail "$elapsed ms"
	! mountpoint -q "$mnt" || fail "still mounted"
	# The container is free, whoever still holds what is left.
	mounts c.img
	expect_equal "$(<"$mnt/kept")" kept
	kill $holder
	wait $holder || true
	unmount c.img
	wait_for 20 nothing_listed
}
nothing_listed() { ! dmsetup ls | grep -q cryptdisk-; }
each under_load
