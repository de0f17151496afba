# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
grown=0
for fs in ext4 btrfs xfs; do
	new_container $fs.img --size 340M --fs $fs
	mounted $fs.img
	echo data >"$mnt/file"
	status=0
	"$CRYPTDISK" resize $fs.img 640M --no-input --json >"$out" 2>"$err" </dev/null || status=$?
	valid_json
	# ext4 asks for a capability that root in a container may not have; nothing is lost then.
	if [[ $fs == ext4 ]] && ((status == 7)) && grep -q 'does not let a mounted' "$err"; then
		echo "# this system does not let a mounted ext4 grow"
	else
		expect_equal "$status" 0 "$fs: $(cat "$err")"
		(($(df --output=size -BM "$mnt" | tail -n 1 | tr -dc 0-9) > 500)) || fail "$fs: $(df -h "$mnt")"
		grown=$((grown + 1))
	fi
	expect_equal "$(cat "$mnt/file")" data
	ck umount $fs.img
	ck fsck $fs.img -d "$KEY" --no-input
done
((grown >= 2)) || fail "only $grown grew"
