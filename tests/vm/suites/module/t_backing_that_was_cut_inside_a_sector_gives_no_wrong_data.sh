# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
# Buffered: only then the backing gives what there is of a sector.
backing image 4M
head -c 4M /dev/urandom >image
cp image whole
attach image
udevadm settle
truncate -s $(((1 << 20) + 1000)) image
refused dd if="$disk" of=/dev/null bs=4k skip=256 count=1 iflag=direct 2>err
grep -q 'Input/output error' err
dd if="$disk" of=back bs=4k count=256 iflag=direct status=none
cmp -n $((1 << 20)) back whole
# What is zeroed behind the end is not in the file either.
refused blkdiscard -z -o $((2 << 20)) -l 4096 "$disk" 2>err
expect_equal "$(stat -c %s image)" $(((1 << 20) + 1000)) "it was made longer"
