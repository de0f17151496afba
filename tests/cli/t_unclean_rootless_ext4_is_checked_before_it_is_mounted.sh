# SPDX-License-Identifier: GPL-2.0-or-later
requires_user
requires_fuse
requires fuse2fs debugfs
new_container box.img
mounted box.img
grep -qi journal "$err" || fail "mount does not say that this mode has no journal: $(cat "$err")"
ck umount box.img
open_disk box.img
/usr/sbin/debugfs -w -R 'ssv state 2' "$disk" >/dev/null 2>&1
/usr/sbin/debugfs -w -R 'clri /lost+found' "$disk" >/dev/null 2>&1
ck close box.img
status=0
"$CRYPTDISK" mount box.img -d "$KEY" --no-input >"$out" 2>"$err" </dev/null || status=$?
cleanup "cdisk umount $T/box.img --force"
((status == 9 || status == 0)) || fail "exit $status: $(cat "$err")"
if ((status == 9)); then
	nothing_left box.img
	expect_stderr fsck
	ck fsck box.img --repair --yes -d "$KEY" --no-input
	mounted box.img
fi
