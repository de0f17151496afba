# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
second_is_refused() {
	box c.img
	opened c.img
	# Whoever opened it has ended: the disk has the lock.
	expect_exit 11 "$CRYPTDISK" open c.img -d "$KEY" --no-input --backend "$backend"
	expect_stderr "open already"
	expect_exit 11 "$CRYPTDISK" mount c.img -d "$KEY" --no-input --backend fuse
	second_key
	ck key add c.img -d "$KEY" --new-key-file "$KEY2" --no-input "${KDF[@]}"
	ck header backup c.img copy.hdr --no-input
	ck close c.img --no-input
	opened c.img
	ck close c.img --no-input
}
each second_is_refused
