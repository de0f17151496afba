# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by this suite's tests.

# box FILE: a container; its ID is in $id, its link in $link
box() {
	local file=$1
	new_container "$file"
	id=$("$CRYPTDISK" id show "$file")
	link=/dev/cryptdisk/by-id/$id
}
property() { # NODE NAME
	udevadm info --query=property --name="$1" | sed -n "s/^$2=//p"
}
# by_udev LINK: udevd's database knows it, so udevd will remove it
by_udev() { udevadm info --query=symlink --name="$1" | tr ' ' '\n' | grep -qx "${1#/dev/}"; }
# node_of FILE: the block device with its plain bytes
node_of() {
	ck status "$1" --json
	json volume.node
}
# tree: every name in /dev, and what could be made elsewhere
tree() {
	{
		find / -maxdepth 1
		find /dev /etc /run/cryptdisk /run/systemd /tmp /root -maxdepth 6 -xdev \
			! -path '/run/udev/*' ! -path '/proc/*' ! -path '/sys/*' 2>/dev/null || true # not all are there
	} | sort -u
}
# quiet_udev: every event so far was handled
quiet_udev() { udevadm settle -t 30; }

# link_is_right FILE: the link is udev's and leads to the node of the volume, which udev describes
link_is_right() {
	local node
	node=$(node_of "$1")
	expect_equal "$(json volume.link)" "$link"
	expect_equal "$(readlink -f "$link")" "$(readlink -f "$node")"
	expect_equal "$(blkid -p -o value -s TYPE "$link")" ext4
	by_udev "$link" || fail "udev does not know $link"
	expect_equal "$(property "$link" CRYPTDISK_VOLUME_ID)" "$id"
	expect_equal "$(property "$link" CRYPTDISK_STATE)" unlocked
	expect_equal "$(property "$link" UDISKS_IGNORE)" 1
}

link_lives() { # BACKEND
	local first second
	need_backend "$1"
	box box.img
	mounted box.img --backend "$1"
	link_is_right box.img
	first=$(stat -Lc %t:%T "$link")
	ck umount box.img
	expect_missing "$link"

	# Its number is given to somebody else, and the link is the same.
	truncate -s 1M other
	loop_of other
	echo "0 8 zero" | dmsetup create in-the-way
	cleanup "dmsetup remove --retry in-the-way"
	mounted box.img --backend "$1"
	link_is_right box.img
	second=$(stat -Lc %t:%T "$link")
	[[ $first != "$second" ]] || fail "it has the number $first again"
	ck umount "$link"
	expect_missing "$link"
}

# With a user who holds a file: what the kernel can let go has gone, and the link with it.
link_goes_by_force() { # BACKEND
	need_backend "$1"
	box box.img
	mounted box.img --backend "$1"
	link_is_right box.img
	[[ $1 != fuse ]] || kill_server box.img KILL
	ck umount box.img --force
	expect_missing "$link"
	mounted box.img --backend "$1"
	link_is_right box.img
}

copy_has_none() { # BACKEND
	local first
	need_backend "$1"
	box box.img
	cp box.img copy.img
	mounted box.img --backend "$1"
	first=$(readlink -f "$link")
	mounted copy.img --backend "$1" --copy
	expect_equal "$(property "$(node_of copy.img)" UDISKS_IGNORE)" 1
	expect_equal "$(json volume.link)" null
	udevadm trigger --action=change --settle --subsystem-match=block
	expect_equal "$(readlink -f "$link")" "$first"
	ck umount copy.img
	expect_equal "$(readlink -f "$link")" "$first"
	link_is_right box.img
	mounted copy.img --backend "$1" --copy
	ck umount box.img
	expect_missing "$link"
	ck umount copy.img
}

# events STATE: how often something with our ID and this state came, from the log of the monitor. An
# event that udevd makes up itself, when a node was closed by a writer, is none of the kernel's, and
# what the module tells of a mount (CRYPTDISK_EVENT) no arrival.
events() {
	awk -v RS= -v want="CRYPTDISK_STATE=$1" '
		/ACTION=(add|change)/ && index($0, want) && !/SYNTH_UUID=|CRYPTDISK_EVENT=/ { n++ }
		END { print n + 0 }' .background.out
}

arrival_is_one_event() { # BACKEND
	local disks=0
	need_backend "$1"
	box box.img
	quiet_udev
	in_background udevadm monitor --udev --property --subsystem-match=block
	wait_for 20 grep -q 'UDEV - ' .background.out
	mounted box.img --backend "$1"
	touch "$mnt/file"
	sync
	ck umount box.img
	quiet_udev
	kill "$background"
	cat .background.out
	expect_equal "$(events unlocked)" 1
	[[ $1 != kmod ]] || disks=1
	expect_equal "$(events locked)" "$disks"
}
