# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
own_definitions
new_container box.img
ck define work "$T/box.img"
mkdir "$PLACES/defined"
printf '[Volume]\nFile=%s\nMountPoint=%s\n' "$T/box.img" "$PLACES/defined" >"$definitions/placed.conf"

# What the definition says holds when it was opened before, too.
ck open placed -d "$KEY" --no-input
ck mount placed -d "$KEY" --no-input
expect_equal "$(tail -n 1 "$out")" "$PLACES/defined"

# What is open is never said not to be: the file was moved, the label is somebody's name.
mv "$T/box.img" "$T/moved.img"
ck umount placed --json
expect_equal "$(json changed)" true
mv "$T/moved.img" "$T/box.img"
ck define photos "$T/box.img"
new_container "$T/labelled.img" --label photos
mounted "$T/labelled.img"
ck umount photos --json
expect_equal "$(json changed)" true
