# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
open_disk box.img
ck lock box.img
printf 'wrong' >wrong
expect_exit 2 "$CRYPTDISK" resume box.img -d wrong --no-input --json
valid_json
expect_exit 4 "$CRYPTDISK" resume nowhere.img -d "$KEY" --no-input
ck status box.img --json
expect_equal "$(json volume.state)" locked
second_key
ck key add box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --no-input
ck resume box.img -d "$KEY2" --no-input
