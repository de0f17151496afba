# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
listen
udevadm monitor --kernel --subsystem-match=block >uevents &
monitor=$!
cleanup "kill $monitor"
wait_for 20 grep -q KERNEL uevents
: >empty
truncate -s 300 short
backing image 1M
gives ENOSPC cdkctl attach empty
gives ENOSPC cdkctl attach short
gives ENOSPC cdkctl attach -o 2M image
gives EINVAL cdkctl attach -m ro -r /dev
gives EINVAL cdkctl attach -i 0 image
gives EBADF cdkctl attach -m path image
attach image # the first that succeeds has the first event and the first uevent
detach "$index"
wait_for 20 grep -q remove uevents
heard
expect_equal "$(grep -c ' add ' uevents)" 1
[[ $(names) == "ATTACHED "*DETACHED ]]
expect_equal "$(awk '$3 ~ /^[A-Z_]+$/ && $5 != '"$index" events)" ""
expect_equal "$index" 0 "an index was used up"
