# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
if is_root; then
	mkdir theirs
	chown 1234 theirs
	place=$T/theirs
else
	place=$(find /var/lib /opt /srv -maxdepth 1 -type d -empty -uid 0 -print -quit 2>/dev/null)
	[[ -n $place ]] || skip "found no empty directory of root"
fi
expect_exit 7 "$CRYPTDISK" mount box.img "$place" --strict -d "$KEY" --no-input
nothing_left box.img
