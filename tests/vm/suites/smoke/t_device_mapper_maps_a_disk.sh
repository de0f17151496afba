# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
echo "0 2048 linear /dev/vdb 2048" | dmsetup create smoke
cleanup "dmsetup remove --retry smoke"
dd if=/dev/urandom of=/dev/mapper/smoke bs=1M count=1 conv=fsync status=none
cmp -n 1048576 -i 0:1048576 /dev/mapper/smoke /dev/vdb
