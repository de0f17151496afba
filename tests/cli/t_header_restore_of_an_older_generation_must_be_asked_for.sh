# SPDX-License-Identifier: GPL-2.0-or-later
second_key
new_container box.img
ck header backup box.img copy
ck key change box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --no-input
before=$(digest box.img)
"$CRYPTDISK" header restore box.img copy --yes --no-input >"$out" 2>"$err" && fail "restored"
expect_equal "$(digest box.img)" "$before"
ck header restore box.img copy --yes --allow-older --no-input
opens_with box.img "$KEY"
