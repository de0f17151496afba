# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 4M
exec {file}<>image
dd of=/dev/null bs=1 count=777 status=none <&"$file"
attach fd:"$file"
dd if=/dev/zero of="$disk" bs=1M count=4 conv=fsync status=none
dd if="$disk" of=/dev/null bs=1M iflag=direct status=none
expect_equal "$(awk '/^pos:/ { print $2 }' "/proc/$$/fdinfo/$file")" 777
