# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
size=$((16 << 11))
dmsetup create failing --table "0 $size linear /dev/vdb 0"
cleanup "dmsetup remove --retry failing"
attach -d /dev/mapper/failing
dd if=/dev/urandom of=random bs=64k count=4 status=none
dd if=random of="$disk" bs=64k oflag=direct status=none
dmsetup suspend --nolockfs failing
dmsetup reload failing --table "0 $size error"
dmsetup resume failing
refused dd if="$disk" of=/dev/null bs=64k count=4 iflag=direct 2>err
grep -q 'Input/output error' err
refused dd if=random of="$disk" bs=64k oflag=direct 2>err
dmsetup suspend failing
dmsetup reload failing --table "0 $size flakey /dev/vdb 0 0 60 1 drop_writes"
dmsetup resume failing
dd if=/dev/zero of="$disk" bs=64k count=4 oflag=direct status=none
dmsetup suspend failing
dmsetup reload failing --table "0 $size linear /dev/vdb 0"
dmsetup resume failing
dd if="$disk" of=back bs=64k count=4 iflag=direct status=none
cmp random back
detach "$index"
