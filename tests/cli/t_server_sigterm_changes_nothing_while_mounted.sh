# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img
mounted box.img
for signal in TERM INT HUP; do
	kill_server box.img $signal
	echo $signal >"$mnt/file"
	sync "$mnt/file"
	expect_equal "$(cat "$mnt/file")" $signal
done
ck umount box.img
mounted box.img
expect_equal "$(cat "$mnt/file")" HUP
