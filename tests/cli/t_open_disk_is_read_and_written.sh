# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --fs none
open_disk box.img
size=$(disk_size "$disk")
head -c 100000 /dev/urandom >data
dd if=data of="$disk" bs=100000 seek=12345 oflag=seek_bytes conv=notrunc,fsync status=none
ck close box.img
nothing_left box.img
open_disk box.img
cmp data <(dd if="$disk" bs=100000 skip=12345 iflag=skip_bytes count=1 status=none)
((size == (64 << 20) - (16 << 20))) || fail "the disk has $size bytes"
