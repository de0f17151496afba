# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
attach -r image
expect_equal "$(blockdev --getro "$disk")" 1
refused dd if=/dev/zero of="$disk" count=1 conv=fsync 2>err
grep -qi 'not permitted\|read-only' err
refused blockdev --setrw "$disk" 2>/dev/null
expect_equal "$(blockdev --getro "$disk")" 1
expect_equal "$(<"$sys/queue/write_cache")" "write through"
flag $RDONLY
