# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
echo "0 2048 linear /dev/vdb 0" | dmsetup create faulty
mke2fs -q -F /dev/mapper/faulty
mkdir there
mount /dev/mapper/faulty there
dmsetup suspend --nolockfs faulty
