# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
requires_loop
new_container box.img
cp box.img copy.img
id=$("$CRYPTDISK" id show box.img)
link=/dev/cryptdisk/by-id/$id
cleanup "rm -f $link"
mount_box() { "$CRYPTDISK" mount box.img -d "$KEY" --no-input "$@"; }

# What leads to nothing, or to a device that is not of this volume, is replaced.
for stale in ../../no-such-node ../../loop-control /dev/null; do
	mkdir -p "${link%/*}"
	ln -sfn "$stale" "$link"
	mounted box.img
	expect_equal "$(readlink -f "$link")" "$(findmnt -n -o SOURCE --mountpoint "$mnt")"
	ck umount box.img
	expect_missing "$link"
done

# The very link that it would make is no obstacle. Others take loop devices, too: until it is that one.
for _ in {1..10}; do
	next=$(losetup -f)
	mkdir -p "${link%/*}"
	ln -sfn "../../${next#/dev/}" "$link"
	mounted box.img
	node=$(findmnt -n -o SOURCE --mountpoint "$mnt")
	expect_equal "$(readlink -f "$link")" "$node"
	ck umount box.img
	expect_missing "$link"
	[[ $node != "$next" ]] || break
done
expect_equal "$node" "$next" "the link never led to the node beforehand"

# The node of another open volume with this ID is not: the mount stands, and says what it lacks.
mounted box.img
mounted copy.img --copy
other=$(findmnt -n -o SOURCE --mountpoint "$mnt")
ck umount box.img
mkdir -p "${link%/*}"
ln -s "$other" "$link"
expect_exit 13 mount_box --json
cleanup "'$CRYPTDISK' umount box.img"
valid_json
expect_stderr "$other"
expect_equal "$(json ok) $(json error.name) $(json volume.state)" "false partial mounted"
expect_equal "$(readlink "$link")" "$other"
echo data >"$(json volume.mountpoint)/file"
ck umount box.img
expect_equal "$(readlink "$link")" "$other" "the link of another went with it"
