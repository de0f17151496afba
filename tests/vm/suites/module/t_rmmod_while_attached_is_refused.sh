# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
attach image
refused rmmod cryptdisk 2>/dev/null
exec {control}</dev/cryptdisk-control
detach "$index"
! rmmod cryptdisk 2>/dev/null || fail "removed under an open control node"
exec {control}<&-
rmmod cryptdisk
