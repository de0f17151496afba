# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 8M
mkfs.ext4 -q image
attach -b 1024 image
udevadm settle
listen
mkdir mnt
mount "$disk" mnt
cleanup "umount mnt"
gives EINVAL cdkctl resize "$index" $((16 << 20))
gives EINVAL cdkctl resize "$index" 18446744073709551615
gives EINVAL cdkctl resize "$index" 512
truncate -s 16M image
cdkctl resize "$index" 0
expect_equal "$(blockdev --getsize64 "$disk")" $((16 << 20))
resize2fs "$disk" 2>/dev/null
(($(stat -f -c %b mnt) * $(stat -f -c %S mnt) > 13 << 20))
umount mnt
cdkctl resize "$index" $((12 << 20))
expect_equal "$(field length)" $((12 << 20))
heard
expect_equal "$(awk '/RESIZED/ { print $7 }' events | xargs)" "$((16 << 20)) $((12 << 20))"
