# SPDX-License-Identifier: GPL-2.0-or-later
requires cryptsetup
second_key
for type in luks1 luks2; do
	foreign_container box.img 20M --type $type
	/usr/sbin/cryptsetup luksAddKey -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
		--key-file "$KEY" --key-slot 5 box.img "$KEY2"
	ck key test box.img -d "$KEY2" --no-input --json
	expect_equal "$(json keyslot)" 5
	opens_with box.img "$KEY"
	ck key list box.img --json
	valid_json
	rm box.img
done
