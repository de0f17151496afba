# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --label papers
ck id show box.img
id=$(cat "$out")
for name in "id:$id" "${id:0:8}" label:papers papers; do
	mounted box.img
	ck status "$name" --json
	valid_json
	ck resolve "$name"
	expect_stdout "$id"
	ck umount "$name"
	nothing_left box.img
done
mounted box.img
ck umount "$mnt"
nothing_left box.img
