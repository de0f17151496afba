# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. "${BASH_SOURCE[0]%/*}/lib.sh"
box box.img
quiet_udev
cleanup "pkill -CONT -x systemd-udevd; udevadm settle"
pkill -STOP -x systemd-udevd
mounted box.img --backend fuse
expect_equal "$(readlink -f "$link")" "$(node_of box.img)"
ck umount box.img
expect_missing "$link"
