# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --size 200M
mounted box.img
head -c 100M /dev/urandom >"$mnt/data"
sum=$(digest "$mnt/data")
ck umount box.img
"$CRYPTDISK" resize box.img 60M -d "$KEY" --yes --no-input >"$out" 2>"$err" && fail "shrunk"
expect_equal "$(stat -c %s box.img)" $((200 << 20))
ck fsck box.img -d "$KEY" --no-input
mounted box.img
expect_equal "$(digest "$mnt/data")" "$sum"
