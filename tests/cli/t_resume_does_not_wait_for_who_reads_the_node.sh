# SPDX-License-Identifier: GPL-2.0-or-later
# As udev does: it holds a shared lock on the node while it reads what waits for the key.
requires_root
requires_loop
requires_fuse
requires flock
new_container box.img
mounted box.img
ck status box.img --json
node=$(json volume.node)
ck lock box.img
in_background flock -s "$node" dd if="$node" of=/dev/null bs=1M count=4 skip=20 iflag=direct status=none
sleep 0.3
! gone "$background" || fail "the read was answered"
milliseconds expect_exit 11 "$CRYPTDISK" umount box.img
((elapsed < 3000)) || fail "umount took $elapsed ms"
milliseconds ck resume box.img -d "$KEY" --no-input
ended_with 0
timeout 10 sh -c "echo x >'$mnt/file' && sync -f '$mnt/file'" || fail "it stands still"
