# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
requires_strace
new_container box.img
exec 9</dev/null
calls=openat,memfd_create,socketpair,pipe2,accept4
traced -e trace=$calls -- "$CRYPTDISK" open box.img -d "$KEY" --no-input
cleanup "cdisk close $T/box.img"
grep -q 'memfd_create.*CLOEXEC' trace || fail "the trace is blind"
! grep -E ' = [0-9]+$' trace | grep -v CLOEXEC || fail "a descriptor without close-on-exec"
pid=$(server_pid box.img)
! readlink "/proc/$pid/fd/9" || fail "the caller's descriptor 9 reached the server"
ck close box.img
