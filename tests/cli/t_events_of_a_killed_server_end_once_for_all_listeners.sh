# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img
all=()
for _ in 1 2 3; do
	listening
	all+=("$events")
done
mounted box.img
kill_server box.img KILL
for one in "${all[@]}"; do
	wait_for 20 has_told departed 1 "$one"
done
# What is left is cleaned up without a second departure, and the name is free for the next.
ck umount box.img
mounted box.img
ck umount box.img
for one in "${all[@]}"; do
	wait_for 20 has_told departed 2 "$one"
	valid_events "$one"
	expect_equal "$(told arrived "$one") $(told departed "$one")" "2 2"
	grep '"departed"' "$one" | head -n 1 | grep -q '"reason":"lost"' || fail "$(cat "$one")"
	expect_equal "$(story "$one")" "$(story "${all[0]}")"
done
