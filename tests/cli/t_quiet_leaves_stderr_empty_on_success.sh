# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img -q
expect_equal "$(cat "$err")" ""
