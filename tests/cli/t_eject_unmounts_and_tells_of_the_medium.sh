# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
echo data >"$mnt/file"
ck eject box.img --dry-run --json
valid_json
ck eject box.img --json
valid_json
expect_equal "$(json changed) $(json volume.state)" "true locked"
device=$(json medium.device)
[[ $device == null || -b ${device%% *} ]] || fail "$device is no drive"
# The container's own filesystem is in use: whatever the drive is, it cannot be taken out.
if [[ $(stat -c '%Hd' "$T") != 0 ]]; then
	expect_equal "$(json medium.ready)" false
	[[ $(json medium.mounts) != "[]" ]] || fail "no mount of the drive is named"
fi
nothing_left box.img
ck eject box.img --json
valid_json
expect_equal "$(json changed) $(json medium)" "false null"
ck eject "$T/box.img"
mounted box.img
expect_equal "$(cat "$mnt/file")" data
