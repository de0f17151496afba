# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
backend fuse
requires_fuse
requires_loop
new_container box.img
id=$("$CRYPTDISK" id show box.img)
link=/dev/cryptdisk/by-id/$id
leads_to_the_node() {
	ck status box.img --json
	expect_equal "$(json volume.link)" "$link"
	expect_equal "$(readlink -f "$link")" "$(json volume.node)"
	expect_equal "$(blkid -p -o value -s TYPE "$link")" ext4
}
mounted box.img
leads_to_the_node
first=$(json volume.node)
ck resolve "$link" --json
expect_equal "$(json volume.id)" "$id"
ck umount "$link"
expect_missing "$link"

# On another number it is the same link.
truncate -s 1M other.img
losetup "$first" other.img || skip "somebody else has $first now"
cleanup "losetup -d $first"
mounted box.img
leads_to_the_node
[[ $(json volume.node) != "$first" ]] || fail "the number is the same"

# A server that was killed leaves a link that the clean-up takes away.
kill_server box.img KILL
ck umount box.img --force
expect_missing "$link"

# A volume without a block device has none.
open_disk box.img
expect_missing "$link"
ck status box.img --json
expect_equal "$(json volume.link)" null
