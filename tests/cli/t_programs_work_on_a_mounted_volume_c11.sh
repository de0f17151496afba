# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires sqlite3 git flock
new_container box.img --size 100M
mounted box.img
cd "$mnt"
sqlite3 db 'pragma journal_mode=wal; pragma mmap_size=1000000; create table t(n); insert into t values (1),(2);' >"$out"
expect_stdout wal
sqlite3 db 'pragma mmap_size=1000000; insert into t select n + 2 from t;'
expect_equal "$(sqlite3 db 'select sum(n) from t')" 10
git -c init.defaultBranch=main init -q repo
echo text >repo/file
git -C repo add file
git -C repo -c user.name=n -c user.email=e commit -qm first
git -C repo fsck --strict 2>"$err"
exec 8>lockfile
flock -n 8
! flock -n lockfile true || fail "flock let a second one in"
exec 8>&-
"$PYTHON" - <<'PY'
import ctypes, mmap, os
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.inotify_init1(os.O_NONBLOCK)
assert libc.inotify_add_watch(fd, b".", 0x100) > 0
open("new", "w").close()
assert os.read(fd, 4096), "no event"
with open("mapped", "w+b") as f:
    f.truncate(65536)
    with mmap.mmap(f.fileno(), 65536) as m:
        m[4090:4100] = b"0123456789"
        m.flush()
    f.seek(4090)
    assert f.read(10) == b"0123456789"
PY
cd "$T"
ck umount box.img
