# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires_loop
new_container box.img
node=$(losetup --find --show box.img)
cleanup "losetup -d $node"
mknod other b "$((0x$(stat -c %t "$node")))" "$((0x$(stat -c %T "$node")))"
open_disk "$node"
head -c 4096 "$disk" >/dev/null
expect_exit 11 "$CRYPTDISK" open "$node" -d "$KEY" --no-input
expect_exit 11 "$CRYPTDISK" open other -d "$KEY" --no-input
ck close "$node"
losetup -d "$node"
wait_for 5 eval "! losetup $node"
