# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img
mounted box.img
kill_server box.img STOP
cleanup "kill -CONT $(server_pid box.img)"
for verb in list "status box.img" tree "resolve box.img"; do
	# shellcheck disable=SC2086 # a verb and its argument
	milliseconds expect_exit 0 timeout 5 "$CRYPTDISK" $verb --json
	valid_json
	((elapsed < 3000)) || fail "$verb: $elapsed ms"
done
kill_server box.img CONT
ck umount box.img
