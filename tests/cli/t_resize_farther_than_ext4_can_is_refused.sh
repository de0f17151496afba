# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
# resize2fs 1.47 would try, fail half-way and leave a filesystem without a root directory.
new_container box.img
mounted box.img
echo data >"$mnt/file"
ck umount box.img
expect_exit 12 "$CRYPTDISK" resize box.img 160G -d "$KEY" --no-input --json
valid_json
expect_equal "$(stat -c %s box.img)" $((64 << 20))
ck fsck box.img -d "$KEY" --no-input
ck resize box.img 40G -d "$KEY" --no-input
mounted box.img
expect_equal "$(cat "$mnt/file")" data
