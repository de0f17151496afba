# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
# device-mapper's nodes are udev's, and every cookie that was waited for is gone.
. "${BASH_SOURCE[0]%/*}/lib.sh"
box box.img
mounted box.img --backend loop
[[ -L /dev/mapper/cryptdisk-$id ]] || fail "the node is not udev's"
expect_equal "$(dmsetup info -c --noheadings -o uuid "cryptdisk-$id" | grep -c '^CRYPT-')" 1
ck umount box.img
expect_missing "/dev/mapper/cryptdisk-$id"
# Their keys begin with device-mapper's own number.
! dmsetup udevcookies | grep -iE '^0x0?d4d' || fail "a cookie is left"
