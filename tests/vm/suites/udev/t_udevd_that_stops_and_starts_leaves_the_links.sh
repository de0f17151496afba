# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. "${BASH_SOURCE[0]%/*}/lib.sh"
cleanup udevd_runs
box box.img

# Made by the program, then taken over, then removed with the device.
stop_udevd
mounted box.img --backend fuse
expect_equal "$(readlink -f "$link")" "$(node_of box.img)"
start_udevd
udevadm trigger --settle --subsystem-match=block
link_is_right box.img
ck umount box.img
expect_missing "$link"

# Made by udev, removed by the program.
mounted box.img --backend fuse
link_is_right box.img
stop_udevd
ck umount box.img
expect_missing "$link"

# And all of it without udevd.
mounted box.img --backend fuse
expect_equal "$(readlink -f "$link")" "$(node_of box.img)"
ck umount box.img
expect_missing "$link"
start_udevd
udevadm trigger --settle --subsystem-match=block
expect_missing "$link"
