# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 3
echo "0 2048 linear /dev/vdb 0" | dmsetup create faulty
dmsetup suspend faulty
dd if=/dev/mapper/faulty of=/dev/null iflag=direct bs=4096 count=1
