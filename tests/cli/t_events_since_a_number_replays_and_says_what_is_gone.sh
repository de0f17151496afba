# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img
open_disk box.img
ck close box.img
ck events --since 0 --timeout 0 --json
cp "$out" all
expect_equal "$(story all)" "arrived unlocked locked departed:user"
ck events --since 2 --timeout 0 --json
expect_equal "$(story "$out")" "locked departed:user"
! grep -q 'no longer' "$err" || fail "$(cat "$err")"
ck events --since 4 --timeout 0 --json
expect_equal "$(story "$out")" ""
# A number of before the log began anew: everything, and a warning.
ck events --since 400 --timeout 0 --json
expect_stderr "no event 400"
expect_equal "$(story "$out")" "$(story all)"
expect_exit 1 "$CRYPTDISK" events --since 99999999999999999999 --timeout 0
expect_exit 1 "$CRYPTDISK" events --since -1 --timeout 0
# Without the older part of the log.
log=/run/cryptdisk/events
is_root || log=$XDG_RUNTIME_DIR/cryptdisk/events
tail -n 1 "$log" >"$log.short"
mv "$log.short" "$log"
is_root && chmod 644 "$log"
ck events --since 1 --timeout 0 --json
expect_stderr "events 2 to 3 are no longer"
expect_equal "$(story "$out")" "departed:user"
# The number goes on when all of it is lost.
rm "$log"
open_disk box.img
ck close box.img
ck events --since 0 --timeout 0 --json
head -n 1 "$out" >line
expect_equal "$(json seq line)" 5
