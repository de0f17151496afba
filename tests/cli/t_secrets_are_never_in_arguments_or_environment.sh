# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires strace
printf 'Tr0ub4dor-and-3-horses' >"$KEY"
new_container box.img
strace -f -qq -e trace=execve,execveat -s 4096 -v -o trace "$CRYPTDISK" mount box.img -d "$KEY" --no-input \
	>"$out" 2>"$err" || skip "strace cannot run here: $(tail -n 1 "$err")"
cleanup "cdisk umount $T/box.img --force"
grep -q cryptdisk-serve trace || fail "the trace is blind"
! grep -q 'Tr0ub4dor' trace || fail "$(grep Tr0ub4dor trace)"
ck umount box.img
