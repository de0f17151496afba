# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
second_key
new_container box.img --size 100M
new_container other.img
id=$("$CRYPTDISK" id show box.img)
[[ $id != "$("$CRYPTDISK" id show other.img)" ]]
[[ ${id:14:1} == 4 ]] || fail "version nibble of $id"
same() { expect_equal "$("$CRYPTDISK" id show "${1:-box.img}")" "$id" "after $2"; }
mv box.img moved.img && same moved.img rename
cp moved.img copy.img && same copy.img copy
mv moved.img box.img
ck key change box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --no-input && same box.img "key change"
ck header backup box.img header && ck header restore box.img header --yes --no-input && same box.img restore
ck resize box.img 120M -d "$KEY2" --no-input && same box.img resize
ck trim box.img -d "$KEY2" --no-input && same box.img trim
ck open box.img -d "$KEY2" --no-input --json
expect_equal "$(json volume.id)" "$id"
ck close box.img
