# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
new_container box.img
mounted box.img
echo kept >"$mnt/file"
mount -t tmpfs tmpfs "$mnt"
cleanup "umount $mnt"
echo other >"$mnt/file"
expect_exit 17 "$CRYPTDISK" umount box.img
expect_equal "$(cat "$mnt/file")" other
umount "$mnt"
expect_equal "$(cat "$mnt/file")" kept
ck umount box.img
