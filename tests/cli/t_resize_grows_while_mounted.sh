# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
new_container box.img --size 100M
mounted box.img
echo data >"$mnt/file"
ck resize box.img 300M --no-input --json
valid_json
(($(df --output=size -BM "$mnt" | tail -n 1 | tr -dc 0-9) > 200)) || fail "$(df -h "$mnt")"
expect_equal "$(cat "$mnt/file")" data
ck umount box.img
ck fsck box.img -d "$KEY" --no-input
