# SPDX-License-Identifier: GPL-2.0-or-later
requires_strace
second_key
new_container box.img
cp box.img start.img
change=("$CRYPTDISK" key change box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --no-input)
calls=pwrite64,fsync,unlink,unlinkat,rename,renameat2,ftruncate
strace -qq -o trace -e trace=$calls "${change[@]}" >"$out" 2>"$err"
total=$(wc -l <trace)
# Without --long every call around the fsyncs, and some of the others.
points=$(grep -n 'fsync\|unlink\|rename' trace | cut -d: -f1 | awk '{ print $1 - 1; print; print $1 + 1 }')
points+=" $(seq 1 $((LONG ? 1 : total / 10 + 1)) "$total")"
changed=0
for n in $(tr ' ' '\n' <<<"$points" | sort -nu); do
	((n > 0)) || continue
	cp start.img box.img
	killed_at "$n" $calls "${change[@]}" || break
	if "$CRYPTDISK" key test box.img -d "$KEY2" --no-input >"$out" 2>"$err" </dev/null; then
		changed=1
	else
		opens_with box.img "$KEY"
	fi
	rm -f .*.header-* ./*.header-*
done
((changed)) || fail "no kill came after the change"
