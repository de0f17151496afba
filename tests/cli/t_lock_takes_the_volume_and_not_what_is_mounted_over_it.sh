# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_loop
requires_fuse
new_container box.img
mounted box.img
truncate -s 32M cover.img
mkfs.ext4 -q cover.img
mount -o loop cover.img "$mnt"
cleanup "umount -l $mnt"
# What lies over it goes on, and the volume is not locked half.
expect_exit 17 timeout 20 "$CRYPTDISK" lock box.img
timeout 10 sh -c "echo x >'$mnt/over' && sync -f '$mnt/over'" || fail "the other filesystem stands still"
ck list --json
expect_equal "$(json 'volumes[0].state')" mounted
umount "$mnt"
timeout 10 sh -c "echo x >'$mnt/file' && sync -f '$mnt/file'" || fail "the volume's filesystem stands still"
ck lock box.img
mount -o loop cover.img "$mnt"
expect_exit 13 timeout 20 "$CRYPTDISK" resume box.img -d "$KEY" --no-input
timeout 10 sh -c "echo x >'$mnt/over2' && sync -f '$mnt/over2'" || fail "the other filesystem stands still"
umount "$mnt"
ck resume box.img --no-input --json
expect_equal "$(json changed)" true
timeout 10 sh -c "echo x >'$mnt/file2' && sync -f '$mnt/file2'" || fail "the volume's filesystem stands still"
