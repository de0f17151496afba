# SPDX-License-Identifier: GPL-2.0-or-later
requires_user
requires_fuse
new_container box.img
mounted box.img
expect_equal "$(stat -c %a "$(dirname "$(server_dir box.img)")")" 700
! grep -q allow_other <(grep -F "$mnt" /proc/self/mountinfo) || fail "others may look"
