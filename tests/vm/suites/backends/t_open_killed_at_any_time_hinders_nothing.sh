# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 300
. /t/suites/backends/lib.sh
# The program and the process that activates the mapping die at the n-th call of a kind.
killed() {
	local calls n
	box c.img
	for calls in ioctl openat socketpair unlink mknodat,mkdir wait4; do
		for ((n = 1; n < 60; n += 1 + n / 6)); do
			killed_at "$n" "$calls" -f "$CRYPTDISK" open c.img -d "$KEY" --no-input \
				--backend "$backend" || break
			wait_for 20 settled
			# It is open, or it can be opened: nothing else.
			if [[ $(status_of c.img state) != unlocked ]]; then
				ck open c.img -d "$KEY" --no-input --backend "$backend"
			fi
			ck close c.img --no-input
			nothing_mapped
		done
		"$CRYPTDISK" close c.img --no-input 2>/dev/null || true
	done
}
# What was killed has ended.
settled() { ! pgrep -x cryptdisk >/dev/null; }
each killed
