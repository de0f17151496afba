# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires cryptsetup
truncate -s 40M box.img
truncate -s 16M head
/usr/sbin/cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --header head box.img "$KEY"
expect_exit 4 "$CRYPTDISK" open box.img -d "$KEY" --no-input
open_disk box.img --header head
expect_equal "$(disk_size "$disk")" $((40 << 20))
