# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
mkdir tmpfs
mount -t tmpfs tmpfs tmpfs
cleanup "umount tmpfs"
truncate -s 32M tmpfs/image
printf key >key
attach tmpfs/image
cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "$disk" key
cryptsetup open --key-file key "$disk" over
cleanup "cryptsetup close over"
mkfs.ext4 -q /dev/mapper/over
cryptsetup close over
expect_equal "$(field io_errors)" 0
