# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
touch "$mnt/file"
sleep 1 7>>"$mnt/file" &
ck umount box.img --wait 20s
nothing_left box.img
