# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires_strace
calls=write,pwrite64,fsync,ftruncate,unlink,openat,sendmsg,wait4,close
strace -f -qq -o trace -e trace=$calls "$CRYPTDISK" create box.img --size 40M -d "$KEY" "${KDF[@]}" --no-input >"$out"
total=$(grep -c "^$(head -n 1 trace | cut -d' ' -f1) " trace)
step=$((LONG ? 1 : total / 20 + 1))
last=$(grep -n unlink -m 1 trace | cut -d: -f1 || true)
for ((n = 1; n <= total; n += step)); do
	rm -f box.img
	killed_at $n $calls "$CRYPTDISK" create box.img --size 40M -d "$KEY" "${KDF[@]}" --no-input || continue
	[[ -s box.img ]] || continue
	status=0
	"$CRYPTDISK" info box.img >"$out" 2>"$err" </dev/null || status=$?
	if ((status == 0)); then
		opens_with box.img "$KEY"
	else
		((status == 4)) && expect_stderr 'unfinished\|not a container\|no format'
		((status == 4)) || fail "killed at call $n of $total: exit $status: $(cat "$err")"
	fi
done
