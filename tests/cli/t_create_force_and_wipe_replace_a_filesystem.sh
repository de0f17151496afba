# SPDX-License-Identifier: GPL-2.0-or-later
requires mkfs.ext4
requires_fuse
truncate -s 64M box.img
/usr/sbin/mkfs.ext4 -q box.img
ck create box.img --force --wipe zero --yes -d "$KEY" "${KDF[@]}" --no-input
expect_equal "$(stat -c %s box.img)" $((64 << 20))
open_disk box.img
expect_equal "$(/usr/sbin/blkid -p -o value -s TYPE "$disk")" ext4
