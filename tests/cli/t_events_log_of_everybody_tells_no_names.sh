# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img --label papers
open_disk box.img --name secret
ck close box.img
if is_root; then
	expect_equal "$(stat -c %a /run/cryptdisk/events)" 644
	expect_equal "$(stat -c %a /run/cryptdisk/.events.lock)" 600
	! grep -E 'papers|secret|box\.img|/' /run/cryptdisk/events || fail "it tells names or paths"
	# Everybody may listen, and nobody who does holds a writer up.
	chmod 755 /run/cryptdisk
	exec {held}</run/cryptdisk/events
	flock --shared "$held"
	ok setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$PATH" \
		"$CRYPTDISK" events --scope global --since 0 --timeout 0 --json
	valid_events "$out"
	expect_equal "$(story "$out")" "arrived unlocked locked departed:user"
	# Written under that lock, which would be exit 13 otherwise.
	open_disk box.img
	ck close box.img
	expect_exit 1 "$CRYPTDISK" events --scope user --timeout 0
else
	expect_equal "$(stat -c %a "$XDG_RUNTIME_DIR/cryptdisk/events")" 600
	grep -q papers "$XDG_RUNTIME_DIR/cryptdisk/events" || fail "one's own has no label"
	ck events --scope global --timeout 0
fi
expect_exit 12 "$CRYPTDISK" events --scope session --timeout 0
