# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
requires_strace
printf 'Tr0ub4dor-and-3-horses' >"$KEY"
new_container box.img
traced -e trace=execve,execveat -s 4096 -v -- "$CRYPTDISK" mount box.img -d "$KEY" --no-input
cleanup "cdisk umount $T/box.img --force"
[[ $BACKEND != fuse ]] || grep -q 'execve.*cryptdisk-serve' trace || fail "the trace is blind"
! grep -q 'Tr0ub4dor' trace || fail "$(grep Tr0ub4dor trace)"
ck umount box.img
