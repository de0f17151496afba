# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
open_disk box.img
"$PYTHON" - <<'PY' || fail "the data byte is not locked"
import fcntl, struct
with open("box.img", "r+b") as f:
    lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 1 << 62, 1, 0)
    try:
        fcntl.fcntl(f, 37, lock)  # F_OFD_SETLK
        raise SystemExit(1)
    except BlockingIOError:
        pass
PY
ck close box.img
open_disk box.img
