# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a test has left: mounts, dm mappings, loop devices, disks of the module, processes. Read by
# the shell alone: in an emulated guest every program that is started costs.

declare -A before=()
# things: every thing there is, one a line in the array
things() {
	local id parent dev root place rest disk
	things=()
	while read -r id parent dev root place rest; do
		case $place in
		/run/user/* | /run/credentials/* | /proc/sys/fs/binfmt_misc) ;;
		*) things+=("mount $place ($dev, $id)") ;;
		esac
	done </proc/self/mountinfo
	for disk in /sys/block/dm-*/dm/name; do
		[[ ! -e $disk ]] || things+=("dm $(<"$disk")")
	done
	for disk in /sys/block/loop*/loop/backing_file; do
		root=${disk#/sys/block/}
		[[ ! -e $disk ]] || things+=("loop /dev/${root%%/*} $(<"$disk")")
	done
	for disk in /sys/block/cryptdisk*; do
		[[ ! -e $disk ]] || things+=("disk ${disk##*/}")
	done 2>/dev/null
	while read -r id; do
		[[ ! -e /proc/$id/exe ]] || things+=("process $id $(tr '\0' ' ' <"/proc/$id/cmdline")")
	done <"$cgroup/cgroup.procs"
} 2>/dev/null

snapshot() {
	local thing
	before=()
	things
	for thing in "${things[@]}"; do before[$thing]=1; done
}

# new_things: those that were not there at the snapshot, in the array new; true if there are any
new_things() {
	local thing
	new=()
	things
	for thing in "${things[@]}"; do
		[[ -n ${before[$thing]-} ]] || new+=("$thing")
	done
	((${#new[@]}))
}

# leftovers: true if something is there after a moment in which the kernel may end what it began
leftovers() {
	local n
	for n in {1..40}; do
		new_things || return 1
		udevadm settle -t 5
		sleep 0.1
	done
}

# each_new KIND CMD...: CMD with the name of every new thing of this kind, the newest first
each_new() {
	local kind=$1 thing n
	shift
	new_things
	for ((n = ${#new[@]} - 1; n >= 0; n--)); do
		read -r thing name _ <<<"${new[n]}"
		[[ $thing != "$kind" ]] || "$@" "$(printf %b "$name")"
	done
}

# sweep: takes it all away again, several times over, because one holds the other
sweep() {
	local n
	for n in 1 2 3; do
		echo 1 >"$cgroup/cgroup.kill"
		each_new dm dmsetup wipe_table
		each_new dm dmsetup resume
		each_new mount umount -l
		each_new dm dmsetup remove --retry
		each_new loop losetup -d
		each_new disk cdkctl detach -f
		udevadm settle -t 5
		new_things || break
	done </dev/null >>/run/cdisk-tests/sweep 2>&1
}
