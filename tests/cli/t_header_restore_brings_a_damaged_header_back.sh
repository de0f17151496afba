# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
ck header backup box.img copy
dd if=/dev/urandom of=box.img bs=1M count=1 conv=notrunc status=none
expect_exit 4 "$CRYPTDISK" info box.img
ck header restore box.img copy --yes --no-input --allow-other-id --json
valid_json
opens_with box.img "$KEY"
mounted box.img
