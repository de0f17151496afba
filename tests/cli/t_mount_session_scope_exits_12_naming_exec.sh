# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
expect_exit 12 "$CRYPTDISK" mount box.img --scope session -d "$KEY" --no-input
expect_stderr exec
