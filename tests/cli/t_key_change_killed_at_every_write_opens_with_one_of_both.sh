# SPDX-License-Identifier: GPL-2.0-or-later
requires_strace
second_key
new_container box.img
cp box.img start.img
calls=pwrite64,fsync,unlink,unlinkat,rename,renameat,renameat2,ftruncate
changed=0
for ((n = 1; n < 400; n++)); do
	cp start.img box.img
	killed_at $n $calls "$CRYPTDISK" key change box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --no-input || break
	if "$CRYPTDISK" key test box.img -d "$KEY2" --no-input >"$out" 2>"$err" </dev/null; then
		changed=1
	else
		opens_with box.img "$KEY"
	fi
	cryptsetup_opens box.img "$( ((changed)) && echo "$KEY2" || echo "$KEY")"
	rm -f .*.header-* ./*.header-*
done
((n > 5 && changed)) || fail "ended after $n calls: $(cat "$err")"
closed_to box.img "$KEY"
opens_with box.img "$KEY2"
