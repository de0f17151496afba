# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 8M
mkfs.ext4 -q image
mkdir mnt
attach -f $AUTOCLEAR image
udevadm settle
head -c 512 "$disk" >/dev/null
expect_equal "$(<"$sys/cryptdisk/autoclear")" 1
mount "$disk" mnt
head -c 512 "$disk" >/dev/null
umount mnt
wait_for 20 is_gone "$index"
attach -f $AUTOCLEAR image
exec {user}<"$disk"
cdkctl note "$index" mounted # arms it, too
exec {user}<&-
wait_for 20 is_gone "$index"
