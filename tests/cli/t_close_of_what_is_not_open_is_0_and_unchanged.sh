# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
for verb in close umount; do
	ck $verb box.img --json
	valid_json
	expect_equal "$(json changed)" false
done
expect_exit 4 "$CRYPTDISK" close ./nosuch.img --json
valid_json
