# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 32M
mkfs.ext4 -q image
attach image
mkdir mnt
mount "$disk" mnt
cleanup "umount -l mnt"
cdkctl note "$index" mounted
listen
(while dd if=/dev/zero of=mnt/file bs=64k count=100 conv=fsync; do touch wrote; done 2>writer) &
writer=$!
wait_for 40 test -e wrote
detach -f "$index"
wait_for 40 gone $writer
grep -qi 'input/output\|read-only' writer
heard
[[ $(names) == *"UNMOUNTED DETACHED" ]] || fail "$(names)"
gives ENODEV cdkctl status "$index"
umount mnt
wait_for 20 rmmod cryptdisk
