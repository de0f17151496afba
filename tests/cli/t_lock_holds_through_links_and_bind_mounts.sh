# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mkdir other
ln box.img other/hard.img
ln -s box.img soft.img
open_disk box.img
names=(other/hard.img soft.img)
if is_root; then
	mkdir bound
	mount --bind "$T/other" bound
	cleanup "umount $T/bound"
	names+=(bound/hard.img)
fi
for name in "${names[@]}"; do
	expect_exit 11 "$CRYPTDISK" open $name -d "$KEY" --no-input
done
ck close box.img
