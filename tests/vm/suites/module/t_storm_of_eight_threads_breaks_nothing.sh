# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
# LIMIT 240
mkdir tmpfs
mount -t tmpfs tmpfs tmpfs
cleanup "umount -l tmpfs"
mkfs.ext4 -q -O ^has_journal image 2M
cdkevents -s "$T/listening" >events &
listener=$!
wait_for 20 test -e listening
seconds=10
((!LONG)) || seconds=60
cdkstorm $seconds "$T/tmpfs" "$T/image" || fail "see above"
heard
cat events
wait_for 30 rmmod cryptdisk
