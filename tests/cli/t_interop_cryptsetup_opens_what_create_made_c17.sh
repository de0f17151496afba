# SPDX-License-Identifier: GPL-2.0-or-later
requires cryptsetup
for options in '' '--sector-size 512' '--key-size 256' '--cipher aes-cbc-essiv:sha256 --key-size 256'; do
	# shellcheck disable=SC2086 # options
	new_container box.img --fs none $options
	cryptsetup_opens box.img "$KEY"
	ok /usr/sbin/cryptsetup luksDump --dump-json-metadata box.img
	"$PYTHON" -c 'import json; json.load(open(".stdout"))'
	expect_equal "$(/usr/sbin/cryptsetup luksUUID box.img)" "$("$CRYPTDISK" id show box.img)"
	rm box.img
done
