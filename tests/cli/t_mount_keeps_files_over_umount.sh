# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --label papers
ck mount box.img -d "$KEY" --no-input --json
valid_json
mnt=$(json volume.mountpoint)
cleanup "cdisk umount $T/box.img --force"
expect_equal "$(json volume.state)" mounted
expect_equal "$(basename "$mnt")" papers
head -c 3000000 /dev/urandom >data
cp data "$mnt/data"
mkdir "$mnt/folder"
ck umount box.img --json
valid_json
nothing_left box.img
expect_missing "$mnt/data"
mounted box.img
cmp data "$mnt/data"
[[ -d $mnt/folder ]]
ck umount box.img
