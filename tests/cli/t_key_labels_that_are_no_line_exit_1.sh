# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
printf new >new_key
for label in $'two\nlines' $'\e[31m' "$(printf '%064d' 0)"; do
	expect_exit 1 "$CRYPTDISK" key add box.img -d "$KEY" --new-key-file new_key "${KDF[@]}" --label "$label"
done
ck key list box.img --json
[[ $(json 'keyslots[0].number') == 0 ]] || fail "keyslot 0 is not there"
! json 'keyslots[1].number' 2>/dev/null || fail "a keyslot was added"
