# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
foreign_container box.img 20M --type luks2
edit_luks2 box.img 'j["segments"]["0"]["encryption"] = "cipher_null-ecb"'
expect_exit 12 "$CRYPTDISK" open box.img -d "$KEY" --no-input
expect_stderr 'allow-null-cipher\|not encrypted'
printf plain | dd of=box.img bs=16M seek=1 conv=notrunc status=none
open_disk box.img --allow-null-cipher
expect_equal "$(head -c 5 "$disk")" plain
