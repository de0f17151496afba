# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires cryptsetup
# Reencryption in place is the one way to let cryptsetup encrypt data without device-mapper.
for options in '--type luks2' '--type luks2 --sector-size 512' '--type luks2 --cipher aes-cbc-essiv:sha256 --key-size 256'; do
	head -c 8M /dev/urandom >plain
	cp plain box.img
	truncate -s 40M box.img
	# shellcheck disable=SC2086 # options
	/usr/sbin/cryptsetup reencrypt --encrypt $options -q --reduce-device-size 32M --pbkdf pbkdf2 \
		--pbkdf-force-iterations 1000 --force-offline-reencrypt --key-file "$KEY" box.img >"$T/.log" 2>&1 || {
		grep -qiE 'device-mapper|cannot|kernel|not supported' "$T/.log" && skip "cryptsetup cannot encrypt here: $(tail -n 1 "$T/.log")"
		fail "$(cat "$T/.log")"
	}
	open_disk box.img
	cmp -n 8388608 plain "$disk"
	ck close box.img
done
