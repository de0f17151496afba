# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
listening
mounted box.img
exec {held}>"$mnt/file"
expect_exit 17 "$CRYPTDISK" umount box.img
wait_for 20 has_told mounted 2
grep '"event":"mounted"' "$events" | tail -n 1 >line
expect_equal "$(json reason line)" in-use
exec {held}>&-
ck umount box.img
wait_for 20 has_told departed 1
expect_equal "$(told arrived) $(told departed)" "1 1"
