# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
mkdir small
mount -t tmpfs -o size=2M small small
cleanup "umount small"
truncate -s 8M small/image
attach small/image
refused dd if=/dev/zero of="$disk" bs=1M conv=fsync 2>err
grep -q 'No space left' err
dd if="$disk" of=/dev/null bs=1M status=none
detach "$index"
