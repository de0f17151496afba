# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 8M
echo "written beforehand" | dd of=image conv=notrunc status=none
attach -i 7 -L backup.2026 image
[[ -b $disk ]]
expect_equal "$(blockdev --getsize64 "$disk")" $((8 << 20))
expect_equal "$(head -n 1 "$disk")" "written beforehand"
echo "through the disk" | dd of="$disk" conv=notrunc,fsync status=none
expect_equal "$(head -n 1 image)" "through the disk"
detach "$index"
udevadm settle
[[ ! -e $disk && ! -e $sys ]]
gives ENODEV cdkctl status "$index"
