# SPDX-License-Identifier: GPL-2.0-or-later
requires_user
requires_fuse
new_container box.img
for option in suid dev suid,dev; do
	expect_exit 7 "$CRYPTDISK" mount box.img -o $option -d "$KEY" --no-input
	nothing_left box.img
done
