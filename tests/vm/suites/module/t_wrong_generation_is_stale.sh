# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
attach image
old=$generation
detach -g "$old" "$index"
attach image
((generation == old + 1)) || fail "generation $old, then $generation"
expect_equal "$index" 0
gives ESTALE cdkctl detach -f -g "$old" "$index"
gives ESTALE cdkctl status -g "$old" "$index"
gives ESTALE cdkctl resize -g "$old" "$index" 0
gives ESTALE cdkctl note -g "$old" "$index" unmounted
gives ESTALE cdkctl detach -g 18446744073709551615 "$index"
gives ENODEV cdkctl detach -g "$generation" $((index + 1))
detach -g "$generation" "$index"
