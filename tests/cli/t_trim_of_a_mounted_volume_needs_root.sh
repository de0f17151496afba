# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --size 200M
mounted box.img
head -c 60M /dev/urandom >"$mnt/big"
sync
rm "$mnt/big"
if is_root; then
	sync
	ck trim box.img --json
	valid_json
else
	expect_exit 12 "$CRYPTDISK" trim box.img --json
	valid_json
fi
