# SPDX-License-Identifier: GPL-2.0-or-later
free=$(df --output=avail -B1 . | tail -n 1)
expect_exit 16 "$CRYPTDISK" create box.img --size $((free * 2)) -d "$KEY" --no-input
expect_missing box.img
