# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
open_disk box.img
head -c 64k /dev/urandom >data
dd if=data of="$disk" conv=notrunc,fsync status=none
ck lock box.img
ck close box.img
nothing_left box.img
open_disk box.img
cmp -n 65536 data "$disk"
