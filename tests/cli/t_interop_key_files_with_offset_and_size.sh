# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires cryptsetup
head -c 5000 /dev/urandom >long
truncate -s 20M box.img
/usr/sbin/cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
	--keyfile-offset 100 --keyfile-size 2000 box.img long
expect_exit 2 "$CRYPTDISK" open box.img -d long --no-input
ck open box.img -d long --keyfile-offset 100 --keyfile-size 2000 --no-input
ck close box.img
