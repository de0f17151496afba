# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --label 1000
mounted box.img
expect_equal "$(basename "$mnt")" vol-1000
