# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Loaded before every test in a guest: all of tests/lib.sh, and what only a guest can do. $T is a
# folder on /scratch, an ext4 on a disk; /dev/vdb and /dev/vdc are disks of 1 GiB to spoil.
. /t/tests/lib.sh

# new_container FILE [OPTION...]: a copy of one that opens quickly, with an ID of its own. With options
# that no ready one has, or as created_new_container, the program makes it.
eval "created_$(declare -f new_container)"
new_container() {
	local ready="/t/ready/${*:2}.img"
	[[ -e $ready ]] || { created_new_container "$@"; return; }
	cp --sparse=always "$ready" "$1"
	chmod 600 "$1"
	cryptsetup luksUUID -q --uuid "$(</proc/sys/kernel/random/uuid)" "$1"
}
# json: as in tests/lib.sh, ten times as fast as Python starts here
json() {
	jq -rc --arg path "$1" 'reduce ($path | scan("[^.\\[\\]]+")) as $key (.;
		($key | tonumber? // $key) as $k | if has($k) then .[$k] else error("no \($path)") end)' "${2:-$out}"
}
# need_module: the module is loaded
need_module() {
	[[ -d /sys/module/cryptdisk ]] || modprobe cryptdisk || fail "modprobe cryptdisk"
}
# need_backend BACKEND
need_backend() { [[ $1 != kmod ]] || need_module; }
# loop_of FILE [OPTION...]: a loop device over FILE in $loop, detached at the end
loop_of() {
	local file=$1
	shift
	loop=$(losetup -f --show "$@" "$file") || fail "losetup $file"
	cleanup "losetup -d $loop"
}
# stop_udevd, start_udevd; udevd_runs: starts it if it does not
stop_udevd() {
	wait_for 20 udevd_ended
}
udevd_ended() {
	udevadm control --exit || true # EAGAIN while it is busy
	! pgrep -x systemd-udevd
}
start_udevd() {
	# Not among the processes of the test, which must not leave any.
	sh -c 'echo $$ >/sys/fs/cgroup/cgroup.procs; exec /lib/systemd/systemd-udevd --daemon'
	wait_for 20 udevadm control --ping
}
udevd_runs() { pgrep -x systemd-udevd >/dev/null || start_udevd; }
# kmemleak_scan: what kmemleak found since kmemleak_clear goes into the kernel's log, and that fails
# the test. An object counts only when it was there for some seconds.
kmemleak_clear() { echo clear >/sys/kernel/debug/kmemleak; }
kmemleak_scan() {
	local n
	for n in 1 2; do
		sleep 6
		echo scan >/sys/kernel/debug/kmemleak
	done
	cat /sys/kernel/debug/kmemleak
	! grep -q 'unreferenced object' /sys/kernel/debug/kmemleak ||
		echo "<4>kmemleak: 1 new: $(head -c 600 /sys/kernel/debug/kmemleak | tr '\n' ' ')" >/dev/kmsg
}
