# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img
exec 9<"$KEY"
mounted box.img
server=$(server_pid box.img)
children=$server
is_root || children+=" $(pgrep -u "$EUID" -f "fuse2fs.*$(server_dir box.img)")"
for pid in $children; do
	seen=$(readlink "/proc/$pid/fd/"* 2>/dev/null || true)
	[[ $pid != "$server" ]] || ! is_root || [[ $seen == */dev/fuse* ]] || fail "the look is blind: $seen"
	! grep -F "$KEY" <<<"$seen" || fail "$pid has the caller's descriptor"
	! grep 'memfd:cryptdisk' <<<"$seen" || fail "$pid has the header's copy"
	[[ $pid == "$server" ]] || ! grep -F box.img <<<"$seen" || fail "$pid has the container"
done
exec 9<&-
ck umount box.img
