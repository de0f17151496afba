# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
for fs in ext4 vfat exfat xfs btrfs; do
	PATH=$PATH:/usr/sbin command -v mkfs.$fs >/dev/null || continue
	new_container $fs.img --fs $fs --size 400M
	"$CRYPTDISK" mount $fs.img -d "$KEY" --no-input >"$out" 2>"$err" </dev/null || {
		status=$?
		((status == 12 || status == 8)) || fail "$fs: exit $status: $(cat "$err")"
		echo "$fs is not served here: $(head -n 1 "$err")"
		nothing_left $fs.img
		continue
	}
	mnt=$(tail -n 1 "$out")
	cleanup "cdisk umount $T/$fs.img --force"
	echo "on $fs" >"$mnt/file"
	ck umount $fs.img
	mounted $fs.img
	expect_equal "$(cat "$mnt/file")" "on $fs"
	ck umount $fs.img
done
