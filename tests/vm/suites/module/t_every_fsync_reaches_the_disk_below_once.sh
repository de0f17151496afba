# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
# flushes WANT_AT_MOST: of /dev/vdb by ten writes with fdatasync each
flushes() {
	local from to
	from=$(awk '{ print $16 }' /sys/block/vdb/stat)
	for n in {0..9}; do dd if=/dev/zero of="$disk" bs=4k seek=$((n * 7)) count=1 conv=fdatasync,notrunc status=none; done
	to=$(awk '{ print $16 }' /sys/block/vdb/stat)
	((to - from >= 10)) || fail "$((to - from)) flushes for 10 times fdatasync"
	((to - from <= $1)) || fail "$((to - from)) flushes for 10 times fdatasync"
}
attach /dev/vdb
flushes 12
detach "$index"
attach -d /dev/vdb
flushes 12
detach "$index"
mkfs.ext4 -q -F /dev/vdb
mkdir below
mount /dev/vdb below
cleanup "umount below"
head -c 4M /dev/urandom >below/image
sync below/image
for direct in '' -d; do
	attach $direct -b 4096 below/image
	flushes 25
	detach "$index"
done
umount below
