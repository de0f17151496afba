# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
echo data >"$mnt/file"
ck lock box.img
expect_exit 11 timeout 20 "$CRYPTDISK" umount box.img --json
valid_json
expect_exit 11 timeout 20 "$CRYPTDISK" umount box.img --lazy
expect_exit 11 timeout 20 "$CRYPTDISK" umount --all
expect_exit 17 timeout 20 "$CRYPTDISK" close box.img
expect_exit 11 timeout 20 "$CRYPTDISK" resize box.img 80M -d "$KEY" --no-input
expect_equal "$(stat -c %s box.img)" $((64 * 1024 * 1024))
expect_exit 11 timeout 20 "$CRYPTDISK" mount box.img -d "$KEY" --no-input
if is_root; then
	expect_exit 11 timeout 20 "$CRYPTDISK" trim "$mnt"
fi
ck resume box.img -d "$KEY" --no-input
expect_equal "$(cat "$mnt/file")" data
ck umount box.img
