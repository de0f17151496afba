# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_loop
requires_fuse
requires_strace
new_container box.img
mounted box.img
killed=0
for call in ioctl flock wait4 read write close clone; do
	for n in 1 2 3 5 8; do
		killed_at $n $call "$CRYPTDISK" lock box.img && killed=$((killed + 1))
		# The guard thaws a moment later; what is locked then, or still frozen, resume lets go on.
		ck resume box.img -d "$KEY" --no-input
		timeout 20 sh -c "echo $call$n >'$mnt/file' && sync -f '$mnt/file'" ||
			fail "killed at $call $n: it stands still"
		ck list --json
		expect_equal "$(json 'volumes[0].state')" mounted "$call $n"
	done
done
((killed > 5)) || fail "it was killed $killed times only"
ck umount box.img
ck fsck box.img -d "$KEY" --no-input
