# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 4M
attach image
udevadm settle
listen
truncate -s 1M image
refused dd if="$disk" of=/dev/null bs=1M iflag=direct 2>err
grep -q 'Input/output error' err
refused dd if=/dev/zero of="$disk" bs=4k count=1 seek=600 oflag=direct 2>err
grep -q 'Input/output error' err
dd if="$disk" of=/dev/null bs=64k count=16 iflag=direct status=none
expect_equal "$(stat -c %s image)" $((1 << 20)) "it was made longer"
errors=$(field io_errors)
((errors >= 2)) || fail "$errors errors"
expect_equal "$(<"$sys/cryptdisk/io_errors")" "$errors"
heard
expect_equal "$(grep -c IO_ERROR events)" 1
grep -q ' IO_ERROR 1 .* 0 2048$' events || fail "$(grep IO_ERROR events)"
