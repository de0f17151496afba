# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
# In the sandbox that systemd gives its udevd, and with everybody else's rules around.
. "${BASH_SOURCE[0]%/*}/lib.sh"
systemctl is-active -q systemd-udevd || fail "$(systemctl status systemd-udevd)"
need_module
for backend in fuse loop kmod; do
	box box.img
	mounted box.img --backend "$backend"
	link_is_right box.img
	ck umount box.img
	expect_missing "$link"
done
! journalctl -b -u systemd-udevd -o cat | grep -i cryptdisk || fail "udevd complains of the rules"
