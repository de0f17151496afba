# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
requires cryptsetup
foreign_container box.img 64M --type luks2
/usr/sbin/cryptsetup luksDump -q --dump-volume-key --key-file "$KEY" --volume-key-file vk box.img >/dev/null
first=$(head -c 32 vk | xxd -p | tr -d '\n') second=$(tail -c 32 vk | xxd -p | tr -d '\n')
scan() { "$PYTHON" "$CRYPTDISK_PREFIX/tests/cli/scan_memory.py" "$(server_pid box.img)" "$first" "$second"; }
open_disk box.img
dd if=/dev/urandom of="$disk" bs=1M count=8 conv=notrunc,fsync status=none
scan >before
grep -q '^[1-9]' before || fail "the scan found no key: it is blind"
for round in 1 2; do
	ck lock box.img
	expect_equal "$(scan | xargs)" "0 0 0 0" "copies of the key, round $round"
	ck resume box.img -d "$KEY" --no-input
	read -r copies outside <<<"$(scan | head -n 1)"
	((copies >= 1 && outside == 0)) || fail "$copies copies of the key, $outside outside the pool"
done
