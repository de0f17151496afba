# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
second_key
new_container box.img
mounted box.img
echo before >"$mnt/file"
ck key add box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --no-input
ck header backup box.img copy
ck key remove box.img -d "$KEY" --yes --no-input
echo after >>"$mnt/file"
ck umount box.img
closed_to box.img "$KEY"
KEY=$KEY2 mounted box.img
expect_equal "$(xargs <"$mnt/file")" "before after"
