# SPDX-License-Identifier: GPL-2.0-or-later
expect_exit 1 "$CRYPTDISK" mount --nosuchoption
(($(wc -l <"$err") <= 4)) || fail "$(cat "$err")"
expect_stderr 'help'
expect_equal "$(cat "$out")" ""
