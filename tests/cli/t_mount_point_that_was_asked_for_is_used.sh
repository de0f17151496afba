# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
here=$PLACES/here
mkdir "$here"
ck mount box.img "$here" -d "$KEY" --no-input --json
cleanup "cdisk umount $T/box.img --force"
valid_json
expect_equal "$(json volume.mountpoint)" "$here"
mountpoint -q "$here"
ck umount "$here"
! mountpoint -q "$here" || fail "still mounted"
