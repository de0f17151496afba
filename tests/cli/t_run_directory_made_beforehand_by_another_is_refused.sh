# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
uid=64998
new_container box.img
chown $uid box.img "$KEY"
chmod 755 .
trap_dir=/tmp/cryptdisk-$uid
user=(setpriv --reuid=$uid --regid=$uid --clear-groups env -i "$CRYPTDISK")
cleanup "rm -rf $trap_dir"
for kind in foreign symlink open; do
	rm -rf "$trap_dir"
	case $kind in
	foreign) mkdir -m 777 "$trap_dir" ;;
	symlink) ln -s "$T" "$trap_dir" ;;
	open) mkdir "$trap_dir" && chown $uid "$trap_dir" && chmod 777 "$trap_dir" ;;
	esac
	expect_exit 7 "${user[@]}" open "$T/box.img" -d "$KEY" --no-input
	nothing_left box.img
done
