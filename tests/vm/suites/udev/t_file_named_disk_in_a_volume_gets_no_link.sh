# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. "${BASH_SOURCE[0]%/*}/lib.sh"
box box.img
mounted box.img --backend fuse
[[ $mnt == /run/cryptdisk/mnt/* ]] || fail "mounted at $mnt"
other=01234567-89ab-4cde-8f01-23456789abcd
mkdir "$mnt/$other"
for file in "$mnt/disk" "$mnt/$other/disk"; do
	truncate -s 1M "$file"
	node=$(losetup -f --show "$file")
	quiet_udev
	expect_equal "$(ls -A /dev/cryptdisk/by-id)" "$id"
	expect_equal "$(property "$node" UDISKS_IGNORE)$(property "$node" CRYPTDISK_VOLUME_ID)" ""
	losetup -d "$node"
done
quiet_udev
link_is_right box.img
