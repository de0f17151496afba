# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 2M
cdkargs labels "$T/image" || fail "answers differ"
