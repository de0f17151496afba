# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
foreign_container box.img 8M --type luks1 --cipher null
expect_exit 12 "$CRYPTDISK" open box.img -d "$KEY" --no-input
open_disk box.img --allow-null-cipher
