# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img
mounted box.img
kill_server box.img KILL
milliseconds ck list --json
((elapsed < 3000)) || fail "$elapsed ms"
valid_json
expect_stdout '"stale"'
ck status box.img --json
valid_json
ck umount box.img
ck list --json
! grep -q '"stale"' "$out" || fail "still listed"
