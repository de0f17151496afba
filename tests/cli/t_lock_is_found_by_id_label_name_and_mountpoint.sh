# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --label papers
ck id show box.img
id=$(tail -n 1 "$out")
mounted box.img --name mine
for vol in "id:$id" label:papers name:mine papers "${id%%-*}" "$mnt" "$mnt/" "$(server_dir box.img)"; do
	ck lock "$vol" --json
	expect_equal "$(json changed)" true "lock $vol"
	ck resume "$vol" -d "$KEY" --no-input --json
	expect_equal "$(json changed)" true "resume $vol"
done
