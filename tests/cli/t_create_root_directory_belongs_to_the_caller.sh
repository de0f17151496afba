# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
touch "$mnt/mine"
expect_equal "$(stat -c %u "$mnt")" "$EUID"
ck umount box.img
