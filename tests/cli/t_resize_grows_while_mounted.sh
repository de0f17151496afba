# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
new_container box.img --size 100M
mounted box.img
echo data >"$mnt/file"
status=0
"$CRYPTDISK" resize box.img 300M --no-input --json >"$out" 2>"$err" </dev/null || status=$?
valid_json
if ((status == 7)) && grep -q 'does not let a mounted' "$err"; then
	ck umount box.img
	ck fsck box.img -d "$KEY" --no-input
	skip "this system does not let a mounted ext4 grow"
fi
expect_equal "$status" 0 "$(cat "$err")"
(($(df --output=size -BM "$mnt" | tail -n 1 | tr -dc 0-9) > 200)) || fail "$(df -h "$mnt")"
expect_equal "$(cat "$mnt/file")" data
ck umount box.img
ck fsck box.img -d "$KEY" --no-input
