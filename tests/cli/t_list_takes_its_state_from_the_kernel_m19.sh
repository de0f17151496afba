# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img --label papers
id=$("$CRYPTDISK" id show box.img)
ck list --json
valid_json
! grep -q "$id" "$out" || fail "listed before it was opened"
open_disk box.img
ck list --json
valid_json
expect_stdout "$id"
# Nothing but the mount table tells: with the server's files hidden it is listed all the same.
kill_server box.img STOP
ck list --json
expect_stdout "$id"
kill_server box.img CONT
kill_server box.img KILL
ck list --json
expect_stdout stale
ck close box.img
ck list --json
! grep -q "$id" "$out" || fail "listed after it was closed"
