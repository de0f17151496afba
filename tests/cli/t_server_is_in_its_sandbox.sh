# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img
open_disk box.img
pid=$(server_pid box.img)
for task in /proc/"$pid"/task/*; do
	expect_equal "$(awk '/^NoNewPrivs/ { print $2 }' "$task/status")" 1 "$task"
	expect_equal "$(awk '/^Seccomp:/ { print $2 }' "$task/status")" 2 "$task"
done
expect_equal "$(awk '/Max core file size/ { print $5 }' "/proc/$pid/limits")" 0
if ! is_root; then
	! readlink "/proc/$pid/fd/0" 2>/dev/null || fail "the server is dumpable"
fi
