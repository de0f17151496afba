# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
attach image
dmsetup create over --table "0 2048 linear $disk 0"
cleanup "dmsetup remove over"
gives EBUSY cdkctl detach "$index"
listen
detach -f "$index"
heard
[[ $(names) == *DETACHED ]] || fail "$(names)"
refused dd if=/dev/mapper/over of=/dev/null iflag=direct count=1 2>/dev/null
refused rmmod cryptdisk 2>/dev/null
udevadm settle
dmsetup remove over
wait_for 20 rmmod cryptdisk
