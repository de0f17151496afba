# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
for fs in ext4 btrfs; do
	# btrfs changes only while the kernel has it mounted.
	[[ $fs == btrfs ]] && ! is_root && continue
	PATH=$PATH:/usr/sbin command -v mkfs.$fs >/dev/null || continue
	new_container box.img --fs $fs --size 200M
	ck resize box.img 300M -d "$KEY" --no-input --json
	valid_json
	expect_equal "$(stat -c %s box.img)" $((300 << 20))
	open_disk box.img
	expect_equal "$(disk_size "$disk")" $((284 << 20))
	ck close box.img
	ck fsck box.img -d "$KEY" --no-input
	rm box.img
done
