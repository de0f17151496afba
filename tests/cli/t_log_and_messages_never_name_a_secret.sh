# SPDX-License-Identifier: GPL-2.0-or-later
printf 'Tr0ub4dor-and-3-horses' >"$KEY"
new_container box.img --debug --explain
cat "$out" "$err" >log
printf 'Wr0ng-Tr0ub4dor' >wrong
expect_exit 2 "$CRYPTDISK" open box.img -d wrong --no-input --debug --explain
cat "$out" "$err" >>log
! grep -q Tr0ub4dor log || fail "$(grep Tr0ub4dor log)"
