# SPDX-License-Identifier: GPL-2.0-or-later
requires_user
new_container box.img
expect_exit 7 "$CRYPTDISK" mount box.img --owner 0 -d "$KEY" --no-input
