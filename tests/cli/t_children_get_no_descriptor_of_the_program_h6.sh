# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires strace
new_container box.img
exec 9</dev/null
strace -f -qq -e trace=openat,memfd_create,socket,socketpair,pipe2,accept4,dup,fcntl -o trace \
	"$CRYPTDISK" open box.img -d "$KEY" --no-input >"$out" 2>"$err" || skip "strace cannot run here"
cleanup "cdisk close $T/box.img"
pid=$(server_pid box.img)
! grep -E '(openat|memfd_create|socketpair|pipe2)\(' trace | grep -E ' = [0-9]|\] = 0' |
	grep -vE 'CLOEXEC' | grep -v ENOENT || fail "a descriptor without close-on-exec"
if is_root; then
	! readlink "/proc/$pid/fd/9" || fail "the caller's descriptor 9 reached the server"
fi
ck close box.img
