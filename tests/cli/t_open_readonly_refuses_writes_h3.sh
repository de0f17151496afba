# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
before=$(digest box.img)
open_disk box.img --readonly
if dd if=/dev/zero of="$disk" bs=4096 count=1 conv=notrunc,fsync status=none 2>"$err"; then
	fail "a read-only disk was written"
fi
ck close box.img
expect_equal "$(digest box.img)" "$before"
