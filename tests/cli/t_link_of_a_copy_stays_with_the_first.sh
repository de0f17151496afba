# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
requires_loop
new_container box.img
cp box.img copy.img
link=/dev/cryptdisk/by-id/$("$CRYPTDISK" id show box.img)
mounted box.img
first=$(readlink -f "$link")
mounted copy.img --copy
expect_equal "$(readlink -f "$link")" "$first"
ck status copy.img --json
expect_equal "$(json volume.link)" null
ck umount copy.img
expect_equal "$(readlink -f "$link")" "$first"
mounted copy.img --copy
ck umount box.img
expect_missing "$link"
