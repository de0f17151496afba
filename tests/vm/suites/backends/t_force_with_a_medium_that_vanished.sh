# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 120
. /t/suites/backends/lib.sh
vanishes() {
	wipefs -aq /dev/vdb
	dmsetup create medium --table "0 262144 linear /dev/vdb 0"
	cleanup "dmsetup remove medium"
	box /dev/mapper/medium
	mounts /dev/mapper/medium
	echo text >"$mnt/file"
	sync
	echo "0 262144 error" | dmsetup load medium
	dmsetup resume --noflush --nolockfs medium
	dd if=/dev/zero of="$mnt/late" bs=64k count=4 conv=fsync status=none 2>/dev/null && fail "written"
	milliseconds expect_exit 0 "$CRYPTDISK" umount "$mnt" --no-input --force
	((elapsed < 8000)) || fail "$elapsed ms"
	dmsetup remove medium
}
each vanishes
