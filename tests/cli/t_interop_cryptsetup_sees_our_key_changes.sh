# SPDX-License-Identifier: GPL-2.0-or-later
requires cryptsetup
second_key
for type in luks1 luks2; do
	foreign_container box.img 20M --type $type
	ck key add box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --no-input
	cryptsetup_opens box.img "$KEY2"
	ck key remove box.img -d "$KEY" --yes --no-input
	cryptsetup_opens box.img "$KEY2"
	! /usr/sbin/cryptsetup open --test-passphrase --key-file "$KEY" box.img 2>/dev/null || fail "$type: still opens"
	rm box.img
done
