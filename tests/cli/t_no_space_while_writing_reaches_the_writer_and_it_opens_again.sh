# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
mkdir small
mount -t tmpfs -o size=24M tmpfs small
cleanup "umount $T/small"
truncate -s 64M small/box.img
ck create small/box.img --force --yes --overcommit --size 64M --fs none -d "$KEY" "${KDF[@]}" --no-input
open_disk small/box.img
status=0
dd if=/dev/urandom of="$disk" bs=1M count=40 conv=notrunc,fsync status=none 2>"$err" || status=$?
((status)) || fail "40 MiB were written into 24"
expect_stderr 'No space left'
ck close small/box.img
open_disk small/box.img
