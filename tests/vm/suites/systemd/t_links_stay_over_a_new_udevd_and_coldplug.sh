# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. "${BASH_SOURCE[0]%/*}/lib.sh"
need_module
for backend in fuse loop kmod; do
	box box.img
	mounted box.img --backend "$backend"
	systemctl restart systemd-udevd
	link_is_right box.img
	# As at boot: every device is added again.
	udevadm trigger --type=devices --action=add --settle
	link_is_right box.img
	ck umount box.img
	expect_missing "$link"
done
