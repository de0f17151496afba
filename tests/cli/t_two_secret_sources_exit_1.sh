# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
expect_exit 1 "$CRYPTDISK" open box.img -d "$KEY" --passphrase-stdin --no-input
