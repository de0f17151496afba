# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --size 200M
mounted box.img
head -c 100M /dev/urandom >"$mnt/big"
head -c 5M /dev/urandom >data
cp data "$mnt/data"
ck umount box.img
mounted box.img
rm "$mnt/big"
ck umount box.img
before=$(stat -c %b box.img)
ck trim box.img -d "$KEY" --no-input --json
valid_json
(($(stat -c %b box.img) < before - 150000)) || fail "$before blocks before, $(stat -c %b box.img) after"
ck fsck box.img -d "$KEY" --no-input
mounted box.img
cmp data "$mnt/data"
