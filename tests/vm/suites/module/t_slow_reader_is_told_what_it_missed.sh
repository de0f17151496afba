# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
listen
attach image
udevadm settle
kill -STOP "$listener"
for _ in {1..150}; do : <"$disk"; done # BUSY and IDLE each
kill -CONT "$listener"
heard
awk '$2 > 0 { lost += $2 } { last = $1 } END { exit !(lost > 40) }' <(grep -E '^[0-9]+ [0-9]+ [A-Z]' events) ||
	fail "nothing was lost"
