# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --fs none
open_disk box.img
head -c 8M /dev/urandom >noise
dd if=noise of="$disk" bs=1M conv=notrunc,fsync status=none
blocks=$(stat -c %b box.img)
for mode in --zero-range --punch-hole; do
	fallocate $mode --keep-size --offset 100000 --length 3000000 "$disk" 2>"$err" || {
		grep -qi 'supported' "$err" || fail "$mode: $(cat "$err")"
		echo "$mode is not supported"
		continue
	}
	sync "$disk"
	expect_equal "$(dd if="$disk" bs=1000 skip=100 count=3000 status=none | tr -d '\0' | wc -c)" 0 "$mode"
	cmp -n 100000 noise "$disk"
	(($(stat -c %b box.img) >= blocks - 16)) || fail "$mode gave ciphertext back to the host"
	dd if=noise of="$disk" bs=1M conv=notrunc,fsync status=none
done
ck close box.img
