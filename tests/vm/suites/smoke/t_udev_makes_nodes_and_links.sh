# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
mkfs.ext4 -q -L smoke-label -F /dev/vdc
cleanup "wipefs -qa /dev/vdc; udevadm settle"
udevadm trigger --settle /dev/vdc
[[ /dev/disk/by-label/smoke-label -ef /dev/vdc ]] || fail "no link by label"
