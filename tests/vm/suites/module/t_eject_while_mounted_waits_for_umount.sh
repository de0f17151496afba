# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 8M
mkfs.ext4 -q image
udevadm settle
attach image
udevadm settle
listen
mkdir mnt
mount "$disk" mnt
cleanup "umount mnt"
cdkctl note "$index" mounted 11 22
gives EBUSY cdkctl detach "$index"
gives EINPROGRESS cdkctl detach -l "$index"
echo safe >mnt/file
sync mnt/file
umount mnt
wait_for 20 is_gone "$index"
heard
[[ $(names) == *"MOUNTED EJECT_REQUEST UNMOUNTED IDLE DETACHED" ]] || fail "$(names)"
attach -r image
mount -o ro "$disk" mnt
expect_equal "$(<mnt/file)" safe
umount mnt
