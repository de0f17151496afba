# SPDX-License-Identifier: GPL-2.0-or-later
requires_strace
second_key
foreign_container box.img 20M --type luks2
cp box.img start.img
change=("$CRYPTDISK" key change box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --no-input)
calls=pwrite64,fsync,unlink,unlinkat,rename,renameat2,ftruncate
strace -qq -o trace -e trace=$calls "${change[@]}" >"$out" 2>"$err"
total=$(wc -l <trace)
# Without --long around each fsync only, where the order of writes is decided.
if ((LONG)); then
	points=$(seq 1 "$total")
else
	points=$(grep -n fsync trace | cut -d: -f1 | awk '{ print; print $1 + 1 }' | sort -nu | tail -n 16)
fi
changed=0
for n in $points; do
	cp start.img box.img
	killed_at "$n" $calls "${change[@]}" || break
	if "$CRYPTDISK" key test box.img -d "$KEY" --no-input >"$out" 2>"$err" </dev/null; then
		continue
	fi
	changed=1
	opens_with box.img "$KEY2"
done
((changed)) || fail "no kill came after the change"
