# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
expect_exit 6 timeout 5 setsid "$CRYPTDISK" open box.img
