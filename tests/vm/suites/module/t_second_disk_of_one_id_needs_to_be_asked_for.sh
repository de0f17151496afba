# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing a 1M
backing b 1M
attach -i 1 -f $DUP_ID a
expect_equal "$(<"$sys/cryptdisk/duplicate")" 0 "there is no other yet"
gives EEXIST cdkctl attach -i 1 b
attach -i 1 -f $DUP_ID b
expect_equal "$(<"$sys/cryptdisk/duplicate")" 1
flag $DUP_ID
detach "$index"
attach -i 2 b
