# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
own_definitions
new_container box.img
ck define work "$T/box.img" -o noatime
mkdir elsewhere
cd elsewhere
mounted work
findmnt -n -o OPTIONS --mountpoint "$mnt" | grep -q noatime || fail "its options are not used"
echo data >"$mnt/file"
ck resolve work --json
valid_json
expect_equal "$(json how) $(json volume.mountpoint)" "name $mnt"
ck status name:work --json
expect_equal "$(json volume.name)" work
expect_exit 11 "$CRYPTDISK" mount "$T/box.img" -d "$KEY" --no-input
ck umount work
ck resolve work --json
valid_json
expect_equal "$(json how)" definition
ck umount work --json
expect_equal "$(json changed)" false

# Opened by its path it is found by the defined name as well.
open_disk "$T/box.img"
ck status work --json
expect_equal "$(json volume.file.path)" "$T/box.img"
ck close work

# The defined place, and one that is asked for in its stead.
mkdir "$PLACES/defined" "$PLACES/asked"
printf '[Volume]\nFile=%s\nMountPoint=%s\n' "$T/box.img" "$PLACES/defined" >"$definitions/placed.conf"
mounted placed
expect_equal "$mnt" "$PLACES/defined"
expect_equal "$(cat "$mnt/file")" data
ck umount placed
mounted placed "$PLACES/asked"
expect_equal "$mnt" "$PLACES/asked"
ck umount placed
