# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
need_module
backend=loop
chosen() { status_of "$1" backend; }
box c.img
ck open c.img -d "$KEY" --no-input --explain
expect_stderr "backend kmod: yes"
expect_equal "$(chosen c.img)" kmod
ck close c.img --no-input
# All but our module is there before its folder is out of sight.
opened c.img
ck close c.img --no-input
modprobe -a loop fuse
rmmod cryptdisk
mount -t tmpfs none /lib/modules
cleanup "umount /lib/modules; modprobe cryptdisk"
ck whoami
expect_stdout "kernel module cryptdisk missing"
ck open c.img -d "$KEY" --no-input --explain
expect_stderr "backend kmod: no (kernel module cryptdisk missing)"
expect_stderr "backend loop: yes"
expect_equal "$(chosen c.img)" loop
ck close c.img --no-input
expect_exit 8 "$CRYPTDISK" open c.img -d "$KEY" --no-input --backend kmod
umount /lib/modules
# The program loads the module that is there.
ck open c.img -d "$KEY" --no-input
expect_equal "$(chosen c.img)" kmod
ck close c.img --no-input
# What dm-crypt cannot map goes on to the server; asked for by name it is refused.
foreign_container null.img 32M --type luks2 --cipher cipher_null-ecb
expect_exit 12 "$CRYPTDISK" open null.img -d "$KEY" --no-input --backend loop --allow-null-cipher
ck open null.img -d "$KEY" --no-input --explain --allow-null-cipher
expect_stderr "backend loop: not for this volume"
expect_equal "$(chosen null.img)" fuse
ck close null.img --no-input
nothing_mapped
