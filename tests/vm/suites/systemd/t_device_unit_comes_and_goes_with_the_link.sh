# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. "${BASH_SOURCE[0]%/*}/lib.sh"
need_module
for backend in fuse loop kmod; do
	box box.img
	unit=$(systemd-escape --path --suffix=device "$link")
	mounted box.img --backend "$backend"
	wait_for 20 systemctl is-active -q "$unit"
	ck umount box.img
	wait_for 20 sh -c "! systemctl is-active -q '$unit'"
done
expect_equal "$(systemctl list-units --failed --plain --no-legend)" ""
