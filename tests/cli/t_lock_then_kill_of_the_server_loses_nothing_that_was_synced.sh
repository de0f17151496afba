# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
head -c 2M /dev/urandom >data
for i in 1 2 3; do
	cp data "$mnt/file$i"
done
ck lock box.img
kill_server box.img KILL
ck list --json
expect_equal "$(json 'volumes[0].state')" stale
expect_exit 4 "$CRYPTDISK" resume box.img -d "$KEY" --no-input
ck umount box.img --force
nothing_left box.img
mounted box.img
for i in 1 2 3; do
	cmp data "$mnt/file$i"
done
