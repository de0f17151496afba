# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
backend fuse
requires_fuse
requires cryptsetup
secret='Tr0ub4dor-and-3-horses-in-a-stable'
printf %s "$secret" >"$KEY"
foreign_container box.img 64M --type luks2
/usr/sbin/cryptsetup luksDump -q --dump-volume-key --key-file "$KEY" --volume-key-file vk box.img >/dev/null
passphrase=$(xxd -p "$KEY" | tr -d '\n')
first=$(head -c 32 vk | xxd -p | tr -d '\n') second=$(tail -c 32 vk | xxd -p | tr -d '\n')
open_disk box.img
dd if=/dev/urandom of="$disk" bs=1M count=20 conv=notrunc,fsync status=none
"$PYTHON" "$CRYPTDISK_PREFIX/tests/cli/scan_memory.py" "$(server_pid box.img)" "$passphrase" "$first" "$second" >scan
cat scan
expect_equal "$(sed -n 1p scan)" "0 0" "passphrase in the server"
for line in 2 3; do
	read -r copies outside <<<"$(sed -n ${line}p scan)"
	((copies >= 1)) || fail "the scan found no key: it is blind"
	((outside == 0)) || fail "$outside copies of the key outside the locked pool"
done
ck close box.img
for process in /proc/[0-9]*; do
	[[ $(readlink "$process/ns/mnt") == "$(readlink /proc/self/ns/mnt)" ]] || continue
	case $(cat "$process/comm") in cryptdisk*) fail "$process is left" ;; esac
done
