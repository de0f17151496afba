# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires cryptsetup
uuid=3fb1c2de-9b3a-4d25-8a94-000000000078
foreign_container box.img 32M --type luks2 --uuid "$uuid"
foreign_container other.img 32M --type luks2 --uuid "$uuid"
foreign_container third.img 32M --type luks2
open_disk box.img
ck lock box.img
mv box.img moved.img
cp other.img box.img
expect_exit 10 "$CRYPTDISK" resume "id:$uuid" -d "$KEY" --no-input --json
valid_json
cp third.img box.img
expect_exit 4 "$CRYPTDISK" resume "id:$uuid" -d "$KEY" --no-input
rm box.img
expect_exit 4 "$CRYPTDISK" resume "id:$uuid" -d "$KEY" --no-input
ck resume moved.img -d "$KEY" --no-input
ck close moved.img
