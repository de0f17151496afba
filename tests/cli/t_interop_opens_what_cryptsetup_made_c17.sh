# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires cryptsetup
n=0
while read -r options; do
	n=$((n + 1))
	# shellcheck disable=SC2086 # options
	foreign_container box$n.img 20M $options
	open_disk box$n.img
	[[ -r $disk ]]
	ck close box$n.img
done <<'ROWS'
--type luks1
--type luks1 --hash sha512 --key-size 512
--type luks2 --sector-size 512
--type luks2 --sector-size 1024
--type luks2 --sector-size 2048
--type luks2 --sector-size 4096
--type luks2 --cipher aes-cbc-essiv:sha256 --key-size 256
--type luks2 --cipher aes-cbc-plain64 --key-size 128
--type luks2 --hash whirlpool
--type luks2 --key-slot 7
--type luks2 --luks2-metadata-size 64k --luks2-keyslots-size 1m
ROWS
