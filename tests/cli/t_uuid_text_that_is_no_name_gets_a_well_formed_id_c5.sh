# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
for uuid in '../../../etc/passwd' '..' '--help' 'a:b:c' $'line\nfeed' '00000000-0000-0000-0000-000000000000' \
	'0123456789012345678901234567890123456789'; do
	new_container box.img
	uuid=$uuid edit_luks2 box.img 'import os; h["uuid"] = os.environb[b"uuid"]'
	status=0
	"$CRYPTDISK" id show box.img >"$out" 2>"$err" </dev/null || status=$?
	if ((status)); then
		((status == 10)) || fail "$uuid: exit $status"
	else
		grep -qxE '[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}' "$out" || fail "$uuid: $(cat "$out")"
		! grep -q '^00000000-0000-0000-0000-000000000000$' "$out" || fail "the nil ID"
		open_disk box.img
		[[ $disk != *..* ]] || fail "$disk"
		ck close box.img
	fi
	rm box.img
done
