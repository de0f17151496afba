# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
cdkevents -m 0xffffffffffffffc7 "$T/default" >quiet &
quiet=$!
wait_for 20 test -e default
listen
attach image
head -c 512 "$disk" >/dev/null
detach "$index"
heard
[[ $(names) == "ATTACHED BUSY"*"IDLE DETACHED" ]] || fail "$(names)"
kill -TERM $quiet
wait $quiet
refused grep -E 'BUSY|IDLE|CLAIMED' quiet
expect_equal "$(grep -cE 'ATTACHED|DETACHED' quiet)" 2
