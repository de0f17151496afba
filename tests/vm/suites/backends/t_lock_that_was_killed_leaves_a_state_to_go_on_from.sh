# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 300
. /t/suites/backends/lib.sh
killed() {
	local n hits=0 calls='6 9 12'
	((!LONG)) || calls='1 3 6 9 12 15 18 21 25 30'
	box c.img
	for n in $calls; do
		mounts c.img
		echo "$n" >"$mnt/file"
		if killed_at "$n" ioctl "$CRYPTDISK" lock c.img --no-input; then hits=$((hits + 1)); fi
		wait_for 20 settled
		case $(status_of c.img state) in
		locked | mounted) ck resume c.img -d "$KEY" --no-input ;;
		*) fail "$(<"$out")" ;;
		esac
		echo "$n again" >"$mnt/file"
		unmount c.img
	done
	((hits > 1)) || fail "only $hits were killed"
}
settled() { ! pgrep -x cryptdisk >/dev/null; }
each killed
