# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
# LIMIT 120
dmsetup create hanging --table "0 32768 linear /dev/vdb 0"
cleanup "dmsetup remove --retry hanging"
cleanup "dmsetup resume hanging"
attach -d -i 1 /dev/mapper/hanging
hung=$index hung_disk=$disk
cleanup "dmsetup resume hanging"
udevadm settle
dmsetup suspend hanging
dd if=/dev/zero of="$hung_disk" bs=4k count=64 conv=fsync 2>/dev/null & # hangs in its last close, too
dd if="$hung_disk" of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null &
inflight() { awk '{ exit !($1 + $2) }' "/sys/block/cryptdisk$hung/inflight"; }
wait_for 20 inflight
backing image 1M
attach -i 2 image
timeout -s KILL 20 cdkctl list >list
expect_equal "$(<list)" "2 $hung $index"
timeout -s KILL 20 cdkctl status "$hung" >/dev/null
timeout -s KILL 20 cdkctl resize "$hung" 0
detach "$index"
gives EBUSY timeout -s KILL 20 cdkctl detach "$hung"
# Who forces it away waits for it, but can be killed, and the end goes on.
cdkctl detach -f "$hung" >forced &
forcer=$!
wait_for 20 is_dying "$hung"
gives EALREADY cdkctl detach -f "$hung"
kill -KILL $forcer
wait_for 20 gone $forcer
timeout -s KILL 20 cdkctl status "$hung" >/dev/null
gives ENXIO timeout -s KILL 20 cdkctl resize "$hung" 0
gives EALREADY timeout -s KILL 20 cdkctl detach -l "$hung"
gives EBUSY cdkctl attach -d -i 3 /dev/mapper/hanging
attach -i 2 image
detach "$index"
timeout -s KILL 20 bash -c 'echo 0 >/sys/devices/system/cpu/cpu1/online'
cleanup 'echo 1 >/sys/devices/system/cpu/cpu1/online'
echo 1 >/sys/devices/system/cpu/cpu1/online
dmsetup resume hanging
wait_for 40 is_gone "$hung"
wait
