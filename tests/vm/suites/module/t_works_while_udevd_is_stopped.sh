# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
pkill -STOP -x systemd-udevd
cleanup "pkill -CONT -x systemd-udevd"
backing image 8M
mkfs.ext4 -q image
listen
attach -f $AUTOCLEAR image
mkdir mnt
mount "$disk" mnt
cdkctl note "$index" mounted
echo x >mnt/file
umount mnt
wait_for 20 is_gone "$index"
heard
# mount(8) may look at it first
[[ $(names) =~ ^ATTACHED\ (BUSY\ IDLE\ )*BUSY\ CLAIMED\ MOUNTED\ UNMOUNTED\ IDLE\ DETACHED$ ]] || fail "$(names)"
attach image
cdkctl detach "$index"
