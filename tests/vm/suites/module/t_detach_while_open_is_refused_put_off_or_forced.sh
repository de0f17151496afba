# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
attach image
exec {user}<"$disk"
gives EBUSY cdkctl detach "$index"
gives EINPROGRESS cdkctl detach -l "$index"
flag $EJECTING
gives EBUSY cdkctl detach "$index"
exec {user}<&-
wait_for 20 is_gone "$index"
attach image
exec {user}<"$disk"
detach -f "$index"
! head -c 4096 <&"$user" >read 2>err || [[ ! -s read ]] || fail "a dead disk was read"
[[ ! -e $disk ]]
gives ENODEV cdkctl status "$index"
attach image # while the dead one is still open
exec {user}<&-
