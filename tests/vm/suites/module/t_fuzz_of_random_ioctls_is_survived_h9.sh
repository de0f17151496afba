# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
# LIMIT 660
seconds=5
((!LONG)) || seconds=600
cdkfuzz $seconds "$T" || fail "nothing was accepted"
expect_equal "$(cdkctl list)" 0
wait_for 20 rmmod cryptdisk
