# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 2M
status=0
cdkargs narrow "$T/image" || status=$?
((status != 77)) || skip "this kernel has no 32-bit system calls"
((status == 0)) || fail "answers differ"
