# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mkdir -p "$T/here"
ck mount box.img "$T/here" -d "$KEY" --no-input --json
cleanup "cdisk umount $T/box.img --force"
valid_json
expect_equal "$(json volume.mountpoint)" "$T/here"
mountpoint -q "$T/here"
ck umount "$T/here"
! mountpoint -q "$T/here" || fail "still mounted"
