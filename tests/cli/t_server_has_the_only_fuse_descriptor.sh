# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
backend fuse
requires_fuse
new_container box.img
open_disk box.img
pid=$(server_pid box.img)
holders=0
inode=$(stat -Lc '%d:%i' "/proc/$pid/fd/"* 2>/dev/null | sort -u | wc -l)
((inode > 0))
for fd in "/proc/$pid/fd/"*; do
	[[ $(readlink "$fd") == /dev/fuse ]] && holders=$((holders + 1))
done
expect_equal "$holders" 1
# Nobody else in this namespace has one, and the server keeps nothing but what it needs (H6).
for other in /proc/[0-9]*; do
	[[ $other == "/proc/$pid" || $(readlink "$other/ns/mnt") != "$(readlink /proc/self/ns/mnt)" ]] && continue
	! readlink "$other"/fd/* 2>/dev/null | grep -q '^/dev/fuse' || fail "${other#/proc/} holds it, too"
done
(($(find "/proc/$pid/fd" -mindepth 1 | wc -l) < 20)) || fail "$(ls -l "/proc/$pid/fd")"
