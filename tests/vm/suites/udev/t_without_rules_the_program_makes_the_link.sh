# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. "${BASH_SOURCE[0]%/*}/lib.sh"
rules=/usr/lib/udev/rules.d/61-cryptdisk.rules
cleanup "mv $T/rules $rules; udevadm control --reload"
mv $rules rules
udevadm control --reload
box box.img
mounted box.img --backend fuse
quiet_udev
expect_equal "$(readlink -f "$link")" "$(node_of box.img)"
! by_udev "$link" || fail "udev has a rule for it"
ck umount box.img
expect_missing "$link"
