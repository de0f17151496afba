# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by every test of this suite. What a test claims is tried on each backend of the kernel, where
# time is short on one of them: they differ in the disk below dm-crypt only.
BACKENDS='loop kmod'
((LONG)) || BACKENDS=$( (($(cksum <<<"$0" | cut -d ' ' -f 1) % 2)) && echo loop || echo kmod)

# each FUNCTION...: with $backend, on a container of its own in a folder of its own
each() {
	local folder
	need_module
	for backend in $BACKENDS; do
		echo "# $backend"
		folder=$T/$backend
		mkdir "$folder"
		cd "$folder"
		"$@"
		cd "$T"
		nothing_mapped
	done
}
# filesystems FS...: all of them, or every second one where time is short: the first with loop
filesystems() {
	local i
	for ((i = 1; i <= $#; i++)); do
		if ((LONG)) || [[ $((i % 2)) == "$([[ $backend == loop ]] && echo 1 || echo 0)" ]]; then echo "${!i}"; fi
	done
}
# nothing_mapped: no mapping of ours, and no disk below one
nothing_mapped() {
	udevadm settle
	compgen -G '/dev/mapper/cryptdisk-*' && fail "a node is left"
	[[ -z $(dmsetup ls 2>/dev/null | grep -v '^No devices') ]] || fail "left: $(dmsetup ls)"
	compgen -G '/sys/block/cryptdisk*' && fail "a disk of the module is left"
	[[ -z $(losetup -n -O NAME) ]] || fail "left: $(losetup -l)"
}
# box FILE [FS [SIZE [LUKSFORMAT OPTION...]]]: a container that opens fast, even where all is emulated
box() {
	local file=$1 fs=${2:-ext4} size=${3:-64M} mkfs
	(($# > 1)) || [[ -b $file ]] || { new_container "$file"; return; }
	shift $(($# < 3 ? $# : 3))
	[[ -b $file ]] || truncate -s "$size" "$file"
	local header=
	[[ ${1-} != --header ]] || header=$2
	cryptsetup luksFormat -q --type luks2 --sector-size 4096 --pbkdf pbkdf2 \
		--pbkdf-force-iterations 1000 "$@" "$file" "$KEY"
	cryptsetup open --key-file "$KEY" ${header:+--header "$header"} "$file" made
	case $fs in
	vfat) mkfs=(mkfs.vfat -S 4096) ;;
	*) mkfs=("mkfs.$fs" -q) ;;
	esac
	"${mkfs[@]}" /dev/mapper/made >mkfs.log 2>&1 || fail "$(<mkfs.log)"
	cryptsetup close made
}
# opened FILE [OPTION...], mounts FILE [OPTION...]: over $backend; $disk, $mnt
opened() { open_disk "$@" --backend "$backend"; }
mounts() { mounted "$@" --backend "$backend"; }
unmount() { ck umount "$1" --no-input "${@:2}"; }
# name_of FILE: of the mapping
id_of() { ck info "$1" --json && json container.id; }
name_of() { echo "cryptdisk-$(id_of "$1")"; }
# below NAME: the kernel's name of the disk below a mapping
below() { ls "/sys/block/$(basename "$(readlink -f "/dev/mapper/$1")")/slaves"; }
# status_of FILE PATH: a field of its status
status_of() { ck status "$1" --json --no-input && json "volume.$2"; }
is_gone() { [[ ! -e $1 ]]; }
