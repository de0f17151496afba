# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
foreign_container box 32M --luks2-metadata-size 16k --luks2-keyslots-size 256k
ok cryptsetup open --key-file "$KEY" box smoke
cleanup "cryptsetup close smoke"
ok mkfs.ext4 -q /dev/mapper/smoke
mkdir there
mount /dev/mapper/smoke there
cleanup "umount $T/there"
echo text >there/file
sync -f there/file
