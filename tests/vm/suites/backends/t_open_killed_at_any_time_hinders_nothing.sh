# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 500
. /t/suites/backends/lib.sh
# opens_until N CALL: false when no process of the program was killed, so it is open. The process
# that makes the mapping counts its own calls, and dies alone at times.
opens_until() {
	! { strace -f -qq -o /dev/null -e trace="$2" -e inject="$2:signal=KILL:when=$1" "$CRYPTDISK" open \
		c.img -d "$KEY" --no-input --backend "$backend" >"$out" 2>"$err" </dev/null; } 2>/dev/null
}
killed() {
	local range call first step last n kills
	requires strace
	box c.img
	for range in "ioctl:1:$((LONG ? 2 : 7)):45" "openat:25:$((LONG ? 15 : 50)):160" clone:1:1:2 recvfrom:1:1:3 sendto:1:1:2 \
		semop,semctl:1:1:3 mkdir,mknodat:1:1:2; do
		IFS=: read -r call first step last <<<"$range"
		kills=0
		for ((n = first; n <= last; n += step)); do
			if opens_until "$n" "$call"; then kills=$((kills + 1)); else n=$last; fi
			wait_for 20 settled
			# It is open, or it can be opened: nothing else.
			if [[ $(status_of c.img state) != unlocked ]]; then
				ck open c.img -d "$KEY" --no-input --backend "$backend"
			fi
			ck close c.img --no-input
			nothing_mapped
		done
		echo "$call: $kills kills"
		all=$((all + kills))
	done
}
# What was killed has ended.
settled() { ! pgrep -x cryptdisk >/dev/null; }
# A semaphore that udev was waited for with has no owner to end with.
cleanup "dmsetup udevcomplete_all -y"
all=0
each killed
((all > (LONG ? 40 : 8))) || fail "only $all were killed"
