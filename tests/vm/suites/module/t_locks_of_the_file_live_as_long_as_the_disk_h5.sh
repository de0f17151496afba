# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
exec {file}<>image
flock -n "$file"
attach fd:"$file"
exec {file}>&-
! flock -n image true || fail "the lock is gone with its taker's descriptor"
detach "$index"
flock -n image true || fail "the lock outlives the disk"
