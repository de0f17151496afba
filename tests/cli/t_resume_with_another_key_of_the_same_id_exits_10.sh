# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires cryptsetup
uuid=3fb1c2de-9b3a-4d25-8a94-000000000077
foreign_container box.img 32M --type luks2 --uuid "$uuid" --header box.hdr
foreign_container other.img 32M --type luks2 --uuid "$uuid" --header other.hdr
ck open box.img --header box.hdr -d "$KEY" --no-input
cleanup "cdisk close box.img --force"
disk=$(tail -n 1 "$out")
head -c 64k /dev/urandom >data
dd if=data of="$disk" conv=notrunc,fsync status=none
ck lock box.img
expect_exit 10 "$CRYPTDISK" resume box.img --header other.hdr -d "$KEY" --no-input --json
valid_json
ck status box.img --json
expect_equal "$(json volume.state)" locked
ck resume box.img --header box.hdr -d "$KEY" --no-input
dd if="$disk" of=back bs=64k count=1 iflag=direct status=none
cmp data back
