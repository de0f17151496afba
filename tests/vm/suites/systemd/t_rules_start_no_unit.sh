# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. "${BASH_SOURCE[0]%/*}/lib.sh"
box box.img
services() { systemctl list-units --all --plain --no-legend '*.service' '*.mount' | awk '{ print $1 }' | sort; }
services >before
mounted box.img --backend fuse
quiet_udev
services | comm -13 before - | grep -vE '^run-cryptdisk|^systemd-udevd' >new || true
expect_equal "$(cat new)" ""
! journalctl -b -o cat | grep -i 'cryptdisk.*\.service.*not found' || fail "a unit is wanted that is not there"
