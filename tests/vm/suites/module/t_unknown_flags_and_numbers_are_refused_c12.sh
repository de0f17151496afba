# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 2M
cdkargs flags "$T/image" || fail "answers differ"
