# SPDX-License-Identifier: GPL-2.0-or-later
expect_exit 1 "$CRYPTDISK" create box.img --size 64M --fs nosuchfs -d "$KEY" --no-input
expect_stderr nosuchfs
expect_missing box.img
