# SPDX-License-Identifier: GPL-2.0-or-later
second_key
new_container box.img
ck key add box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --no-input --json
slot=$(json keyslot)
ck key test box.img -d "$KEY2" --no-input --json
valid_json
expect_equal "$(json keyslot)" "$slot"
expect_exit 2 "$CRYPTDISK" key test box.img -d "$KEY2" --key-slot 0 --no-input
