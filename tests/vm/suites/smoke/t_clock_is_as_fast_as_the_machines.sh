# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The clock chip is the host's, the processor's counter is what the kernel was told.
rtc=/sys/class/rtc/rtc0/since_epoch
[[ -e $rtc ]] || skip "there is no clock chip"
second() {
	local from
	from=$(<$rtc)
	while [[ $(<$rtc) == "$from" ]]; do :; done
}
second
from=$(<$rtc) uptime=$(cut -d ' ' -f 1 /proc/uptime)
for n in 1 2 3 4 5; do second; done
awk -v a="$uptime" -v b="$(cut -d ' ' -f 1 /proc/uptime)" -v s=$(($(<$rtc) - from)) '
	BEGIN { print b - a " s for " s; exit !(b - a > s - 1.5 && b - a < s + 1.5) }' ||
	fail "the clock runs wild"
