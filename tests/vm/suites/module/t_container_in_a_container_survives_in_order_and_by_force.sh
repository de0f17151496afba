# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
# LIMIT 120
backing outer 64M
mkfs.ext4 -q outer
mkdir mnt inner-mnt
attach -d -i 1 outer
outer=$index
mount "$disk" mnt
cleanup "umount -l mnt"
backing mnt/inner 32M
printf key >key
cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 mnt/inner key
attach -i 2 mnt/inner
inner=$index
cryptsetup open --key-file key "$disk" inner
cleanup "cryptsetup close inner"
cleanup "umount -l inner-mnt"
mkfs.ext4 -q /dev/mapper/inner
mount /dev/mapper/inner inner-mnt
dd if=/dev/urandom of=inner-mnt/file bs=256k count=8 conv=fsync status=none
sum=$(sha256sum <inner-mnt/file)
fstrim inner-mnt || true
echo 3 >/proc/sys/vm/drop_caches
expect_equal "$(sha256sum <inner-mnt/file)" "$sum"
gives EBUSY cdkctl detach "$outer"
(while dd if=/dev/zero of=inner-mnt/more bs=64k count=20 conv=fsync; do touch wrote; done 2>/dev/null) &
writer=$!
wait_for 60 test -e wrote
detach -f "$outer" # the inner one's backing dies
wait_for 60 gone $writer
umount -l inner-mnt
wait_for 40 cryptsetup close inner
wait_for 40 cdkctl detach "$inner"
umount mnt
