# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
# The same bytes by the kernel's dm-crypt and by our own data path.
reads_alike() { # FILE
	local plain
	open_disk "$1" --backend fuse
	dd if=/dev/urandom of="$disk" bs=64k seek=3 count=9 conv=notrunc,fsync status=none
	plain=$(digest "$disk")
	ck close "$1" --no-input
	opened "$1"
	expect_equal "$(digest "$disk")" "$plain" "$1"
	ck close "$1" --no-input
}
formats() {
	foreign_container luks1.img 16M --type luks1
	foreign_container small.img 32M --type luks2 --sector-size 512
	foreign_container large.img 32M --type luks2 --sector-size 4096
	foreign_container essiv.img 16M --type luks1 --cipher aes-cbc-essiv:sha256 --key-size 256
	local file
	for file in luks1 small large essiv; do
		reads_alike "$file.img"
	done
	opened large.img
	expect_equal "$(blockdev --getss "$disk")" 4096
	expect_equal "$(blockdev --getss "/dev/$(below "$(name_of large.img)")")" 4096
	ck close large.img --no-input
	opened small.img
	expect_equal "$(blockdev --getss "$disk")" 512
	ck close small.img --no-input
}
each formats
