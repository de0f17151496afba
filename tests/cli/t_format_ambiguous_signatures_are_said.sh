# SPDX-License-Identifier: GPL-2.0-or-later
requires_data
unpack luks-misc
status=0
"$CRYPTDISK" info luks-misc/blkid-luks2-pv.img >"$out" 2>"$err" </dev/null || status=$?
((status == 10 || status == 4)) || fail "exit $status"
expect_stderr 'ambiguous\|LVM'
