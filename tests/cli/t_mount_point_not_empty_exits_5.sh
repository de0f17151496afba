# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
full=$PLACES/full
mkdir "$full"
touch "$full/file"
expect_exit 5 "$CRYPTDISK" mount box.img "$full" --strict -d "$KEY" --no-input --json
valid_json
nothing_left box.img
