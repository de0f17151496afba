# SPDX-License-Identifier: GPL-2.0-or-later
second_key
new_container box.img
ck key change box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --keep-header-backup --no-input
kept=$(find . -name '*header*' -type f)
[[ -n $kept ]] || fail "no copy was kept"
expect_equal "$(stat -c %a $kept)" 600
cat "$out" "$err" | grep -qF "$(basename "$kept")" || fail "the kept copy is not named"
printf third >key3
ck key add box.img -d "$KEY2" --new-key-file key3 "${KDF[@]}" --no-input
ck erase box.img --yes --no-input
cat "$out" "$err" | grep -qF "$(basename "$kept")" || fail "erase does not name the kept copy"
