# SPDX-License-Identifier: GPL-2.0-or-later
# A volume that ended without the program, where no udev cleans up.
backend fuse
requires_root
requires_fuse
requires_loop
[[ ! -S /run/udev/control ]] || skip "needs a system without udevd"
new_container box.img
new_container other.img
dead=/dev/cryptdisk/by-id/$("$CRYPTDISK" id show box.img)
mounted box.img
[[ -b $dead ]]
directory=$(server_dir box.img)
kill_server box.img KILL
umount "$mnt"
umount "$directory"
nothing_left box.img
[[ -L $dead ]] || fail "the link went by itself: nothing to sweep"
mounted other.img
expect_missing "$dead"
[[ -b /dev/cryptdisk/by-id/$("$CRYPTDISK" id show other.img) ]]
