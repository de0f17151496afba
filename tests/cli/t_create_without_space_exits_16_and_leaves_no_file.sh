# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
mkdir small
mount -t tmpfs -o size=8M tmpfs small
cleanup "umount $T/small"
expect_exit 16 "$CRYPTDISK" create small/box.img --size 64M -d "$KEY" --no-input --json
valid_json
expect_equal "$(ls -A small)" ""
