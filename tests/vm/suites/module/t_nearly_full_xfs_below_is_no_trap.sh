# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
# LIMIT 120
mkfs.xfs -q -f -d size=320m /dev/vdc
mkdir below
mount /dev/vdc below
cleanup "umount below"
truncate -s 600M below/image
for direct in '' -d; do
	attach $direct below/image
	refused dd if=/dev/zero of="$disk" bs=1M oflag=direct 2>err
	grep -q 'No space left' err
	detach "$index"
done
