# SPDX-License-Identifier: GPL-2.0-or-later
second_key
new_container box.img
ck key add box.img -d "$KEY" --new-key-file "$KEY2" --label spare "${KDF[@]}" --no-input --json
valid_json
opens_with box.img "$KEY"
opens_with box.img "$KEY2"
ck key list box.img --json
valid_json
expect_stdout spare
printf third >key3
ck key change box.img -d "$KEY2" --new-key-file key3 "${KDF[@]}" --no-input --json
valid_json
closed_to box.img "$KEY2"
opens_with box.img key3
ck key remove box.img -d key3 --yes --no-input --json
valid_json
closed_to box.img key3
opens_with box.img "$KEY"
cryptsetup_opens box.img "$KEY"
expect_equal "$(find . -name '*header*')" "" "a copy of the header was left"
