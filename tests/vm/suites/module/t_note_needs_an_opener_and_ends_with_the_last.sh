# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
attach image
udevadm settle
listen
udevadm monitor --kernel --property --subsystem-match=block >uevents &
monitor=$!
cleanup "kill $monitor"
wait_for 20 grep -q KERNEL uevents
gives ENXIO cdkctl note "$index" mounted
gives EALREADY cdkctl note "$index" unmounted
sleep 1000 <"$disk" &
user=$!
wait_for 20 eval "[[ \$(field openers) == 1 ]]"
cdkctl note "$index" mounted 41 42
gives EALREADY cdkctl note "$index" mounted
flag $MOUNTED
expect_equal "$(<"$sys/cryptdisk/mounted")" 1
cdkctl note "$index" unmounted 41 42
cdkctl note "$index" mounted 43 44
kill -KILL $user
wait_for 20 grep -q 'CRYPTDISK_EVENT=unmounted' uevents
wait_for 20 grep -q 0 "$sys/cryptdisk/mounted"
heard
expect_equal "$(awk '/MOUNTED/ { print $3, $4, $7, $8 }' events | xargs)" \
	"MOUNTED 0 41 42 UNMOUNTED 0 41 42 MOUNTED 0 43 44 UNMOUNTED 1 0 0"
grep -q 'CRYPTDISK_EVENT=mounted' uevents
grep -q 'CRYPTDISK_VOLUME_ID=01010101-' uevents
! grep -q "$T\|image" uevents || fail "a uevent has a path"
