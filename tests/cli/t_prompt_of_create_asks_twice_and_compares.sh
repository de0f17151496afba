# SPDX-License-Identifier: GPL-2.0-or-later
ok typed 'a good passphrase' 'a good passphrase' -- "$CRYPTDISK" create box.img --size 64M "${KDF[@]}"
printf 'a good passphrase' >typed.key
opens_with box.img typed.key
status=0
typed first second third fourth fifth sixth -- "$CRYPTDISK" create other.img --size 64M "${KDF[@]}" >"$out" || status=$?
((status)) || fail "two different passphrases were taken"
expect_missing other.img
