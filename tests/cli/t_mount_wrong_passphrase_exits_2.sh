# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
echo wrong >other
unchanged_by box.img 2 "$CRYPTDISK" mount box.img -d other --no-input
expect_stderr box.img
nothing_left box.img
