# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --size 300M
mounted box.img
head -c 20M /dev/urandom >data
cp data "$mnt/data"
ck umount box.img
ck resize box.img 100M -d "$KEY" --yes --no-input --json
valid_json
expect_equal "$(stat -c %s box.img)" $((100 << 20))
ck fsck box.img -d "$KEY" --no-input
mounted box.img
cmp data "$mnt/data"
