# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
head -c 8M /dev/urandom >random
for direct in '' -d; do
	attach $direct -l $((16 << 20)) /dev/vdb
	dd if=random of="$disk" bs=1M conv=fsync status=none
	echo 3 >/proc/sys/vm/drop_caches
	cmp random <(head -c 8M "$disk")
	cmp random <(dd if=/dev/vdb bs=1M count=8 iflag=direct status=none)
	blkdiscard -z -o 4M -l 1M "$disk"
	expect_equal "$(dd if="$disk" bs=1M skip=4 count=1 iflag=direct status=none | tr -d '\0' | wc -c)" 0
	detach "$index"
done
