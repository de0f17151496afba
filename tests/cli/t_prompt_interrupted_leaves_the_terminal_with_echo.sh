# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
expect_exit 15 typed '^C' -- "$CRYPTDISK" open box.img
nothing_left box.img
