# SPDX-License-Identifier: GPL-2.0-or-later
ln -s elsewhere.img box.img
expect_exit 5 "$CRYPTDISK" create box.img --size 64M -d "$KEY" --no-input
expect_missing elsewhere.img
