# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_loop
requires_fuse
requires fsfreeze
new_container box.img
mounted box.img
echo data >"$mnt/file"
/usr/sbin/fsfreeze -f "$mnt"
ck resume box.img --no-input --json
expect_equal "$(json changed)" true
timeout 10 sh -c "echo x >'$mnt/more' && sync -f '$mnt/more'" || fail "it stands still"
/usr/sbin/fsfreeze -f "$mnt"
milliseconds expect_exit 0 timeout 10 "$CRYPTDISK" umount box.img --force
((elapsed < 5500)) || fail "$elapsed ms"
nothing_left box.img
! losetup -a | grep -q "$PWD" || fail "a loop device is left"
mounted box.img
expect_equal "$(cat "$mnt/file")" data
