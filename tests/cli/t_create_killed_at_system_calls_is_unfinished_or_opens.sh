# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires_strace
calls=write,pwrite64,fsync,ftruncate,unlink,sendmsg,wait4
strace -qq -o trace -e trace=$calls "$CRYPTDISK" create box.img --size 40M -d "$KEY" "${KDF[@]}" --no-input >"$out" 2>"$err"
total=$(wc -l <trace)
step=$((LONG ? 1 : total / 20 + 1))
for ((n = 1; n <= total; n += step)); do
	rm -f box.img
	killed_at $n $calls "$CRYPTDISK" create box.img --size 40M -d "$KEY" "${KDF[@]}" --no-input || continue
	[[ -s box.img ]] || continue
	status=0
	"$CRYPTDISK" info box.img >"$out" 2>"$err" </dev/null || status=$?
	case $status in
	0) opens_with box.img "$KEY" ;;
	4 | 10) expect_stderr 'unfinished\|no format\|not a container' ;;
	*) fail "killed at call $n of $total: exit $status: $(cat "$err")" ;;
	esac
done
