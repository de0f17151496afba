# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
for direct in '' -d; do
	head -c 4M /dev/urandom >image
	cp image before
	attach $direct -b 4096 -o $((1 << 20)) -l $((2 << 20)) image
	expect_equal "$(blockdev --getsize64 "$disk")" $((2 << 20))
	cmp <(dd if=image bs=1M skip=1 count=2 status=none) "$disk"
	dd if=/dev/zero of="$disk" bs=1M count=2 oflag=direct status=none
	cmp <(head -c 1M before; head -c 2M /dev/zero; tail -c 1M before) image
	detach "$index"
	attach $direct -o $((4096 * 1023)) image
	expect_equal "$(blockdev --getsize64 "$disk")" 4096
	detach "$index"
done
truncate -s 10000 odd
attach odd
expect_equal "$(blockdev --getsize64 "$disk")" 9728
