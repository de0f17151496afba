# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
requires cryptsetup
# Reencryption in place is the one way to let cryptsetup encrypt data without device-mapper.
while read -r options; do
	head -c 8M /dev/urandom >plain
	cp plain box.img
	truncate -s 40M box.img
	# shellcheck disable=SC2086 # options
	cryptsetup reencrypt --encrypt -q --reduce-device-size 32M --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
		--force-offline-reencrypt --key-file "$KEY" $options box.img >"$T/.log" 2>&1 ||
		fail "$options: $(cat "$T/.log")"
	open_disk box.img
	cmp -n 8388608 plain "$disk" || fail "$options"
	ck close box.img
done <<'ROWS'
--type luks2
--type luks2 --sector-size 4096
--type luks2 --cipher aes-cbc-essiv:sha256 --key-size 256
ROWS
