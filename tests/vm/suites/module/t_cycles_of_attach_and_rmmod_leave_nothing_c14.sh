# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
# LIMIT 300
mkfs.ext4 -q -F /dev/vdb
mkdir below
mount /dev/vdb below
cleanup "umount below"
backing below/image 1M
# Objects of every slab, counted when nothing lies in the processors' own lists.
slabs() {
	local cache
	for cache in /sys/kernel/slab/*/shrink; do echo 1 >"$cache"; done 2>/dev/null
	awk 'NR > 2 { print $1, $2 }' /proc/slabinfo
}
cycles=100 unloads=20
((!LONG)) || cycles=500 unloads=200
round() {
	cdkctl cycle "$1" below/image
	udevadm settle
}
round 20
slabs | sort >before
round $cycles
slabs | sort >between
round $cycles
slabs | sort >after
# What is left by every cycle is left by those of both rounds; udev's own comings and goings are not.
join before between | join - after | awk -v limit=$((cycles * 9 / 10)) '
	$3 - $2 >= limit && $4 - $3 >= limit &&
		$1 !~ /dentry|inode|buffer_head|radix|kernfs|filp|lsm_file|debug_objects|kmemleak|vm_area|vmap|anon_vma|maple/ {
		print
		bad = 1
	}
	END { exit bad }' || fail "objects are left"
for ((n = 0; n < unloads; n++)); do
	cdkctl cycle 2 below/image
	wait_for 20 rmmod cryptdisk # udev may be looking at the last disk
	modprobe cryptdisk
done
expect_equal "$(cat /sys/module/cryptdisk/refcnt)" 0
umount below # nothing holds the file
