# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
[[ -e /proc/sys/abi/vsyscall32 ]] || skip "this kernel has no 32-bit system calls"
backing image 2M
cdkargs narrow "$T/image" || fail "answers differ"
