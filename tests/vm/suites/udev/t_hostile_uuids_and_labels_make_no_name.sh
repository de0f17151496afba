# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 400
. "${BASH_SOURCE[0]%/*}/lib.sh"
foreign_container box.img 12M --type luks2 --luks2-metadata-size 16k --luks2-keyslots-size 256k
cryptsetup open --key-file "$KEY" box.img box-being-made
mkfs.ext4 -q /dev/mapper/box-being-made
cryptsetup close box-being-made
cleanup "wipefs -qa /dev/vdc; udevadm settle"
hostile=('b"../../../etc/passwd"' 'b"/etc/passwd"' 'b".."' 'b"."' 'b"--help"' 'b"*"' 'b"a b c"' 'b" "'
	'b"$(touch /tmp/made)"' 'b"\x27;touch /tmp/made;\x27"' 'b"%c$attr{size}"' 'b"x\ny=z"'
	'b"0123456789012345678901234567890123456789"' 'b"\xff\xfe\x80\xc3"'
	'b"11111111-1111-1111-1111-11111111111/"' 'b"../../../-....-....-....-............"')
mounted box.img --backend fuse # what the first use of all makes is no name of a hostile one
ck umount box.img
quiet_udev
tree >before
step=1
((LONG)) || step=3
for ((i = 0; i < ${#hostile[@]}; i += step)); do
	text=${hostile[i]}
	edit_luks2 box.img "h['uuid'] = $text; h['label'] = $text"
	# As a stick that is plugged in.
	dd if=box.img of=/dev/vdc conv=fsync status=none bs=1M
	udevadm trigger --action=add --settle /dev/vdc
	tree | grep -v '^/dev/disk/by-[a-z]*\(/[^/]*\)\?$' | comm -13 before - >new
	[[ ! -s new ]] || fail "$text made $(cat new)"
	! find /dev/disk -type l | grep -v '^/dev/disk/by-[a-z]*/[^/]*$' || fail "$text"
	# And opened: only an ID becomes a name.
	id=$("$CRYPTDISK" id show box.img) link=/dev/cryptdisk/by-id/$id
	mounted box.img --backend fuse
	expect_equal "$(ls -A /dev/cryptdisk/by-id)" "$id"
	link_is_right box.img
	ck umount box.img
	expect_missing /dev/cryptdisk
done
expect_missing /tmp/made
