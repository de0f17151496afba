# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
python3 - "$T/image" <<'PY'
import array, errno, fcntl, os, select, struct, subprocess, sys
SIZE, EVMASK = 104, 0x4008da07
def cycle(n=1): subprocess.run(["cdkctl", "cycle", str(n), sys.argv[1]], check=True)
def reader(flags=os.O_NONBLOCK): return os.open("/dev/cryptdisk-control", os.O_RDONLY | flags)
def fails(code, call, *args):
    try: call(*args)
    except OSError as e: assert e.errno == code, e
    else: raise AssertionError("succeeded")
def ready(fd): return bool(select.select([fd], [], [], 0)[0])

cycle()
fd = reader()
fails(errno.EAGAIN, os.read, fd, 4096)  # a new reader begins now
assert not ready(fd)
cycle()
for n in 0, 1, 4, SIZE - 1: fails(errno.EINVAL, os.read, fd, n) if n else None
assert ready(fd)
assert len(os.read(fd, SIZE)) == SIZE
assert len(os.read(fd, 2 * SIZE - 1)) == SIZE
fails(errno.EAGAIN, os.read, fd, 4096)
cycle(3)
data = os.read(fd, 1 << 20)
assert len(data) == 6 * SIZE, len(data)
assert [struct.unpack_from("<IH", data, i * SIZE) for i in range(6)] == [(SIZE, 1), (SIZE, 2)] * 3
seqs = [struct.unpack_from("<Q", data, i * SIZE + 8)[0] for i in range(6)]
assert seqs == sorted(seqs)
fcntl.ioctl(fd, EVMASK, struct.pack("<Q", 1 << 7))  # UNMOUNTED only
cycle(2)
assert not ready(fd), "poll() promised a masked event"
fails(errno.EAGAIN, os.read, fd, 4096)
attach = subprocess.run(["cdkctl", "attach", sys.argv[1]], check=True, capture_output=True, text=True)
index = attach.stdout.split()[0]
subprocess.run(["udevadm", "settle"], check=True)  # or it is busy all the time
for _ in range(250): os.close(os.open("/dev/cryptdisk" + index, os.O_RDONLY))
subprocess.run(["cdkctl", "detach", "-f", index], check=True)
assert not ready(fd), "poll() promised a masked event after an overrun"
fails(errno.EAGAIN, os.read, fd, 4096)
fcntl.ioctl(fd, EVMASK, struct.pack("<Q", (1 << 64) - 1))
cycle()
lost = struct.unpack_from("<Q", os.read(fd, SIZE), 16)[0]
assert lost > 100, lost
blocked = subprocess.Popen(["cdkevents", "-n", "1", "-m", "2"], stdout=subprocess.PIPE)
while os.readlink(f"/proc/{blocked.pid}/exe").find("cdkevents") < 0: pass
while blocked.poll() is None: cycle()
assert b"ATTACHED" in blocked.stdout.read()
# What could not be copied counts as lost.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
fd = reader()
cycle()
assert libc.read(fd, ctypes.c_void_p(8), ctypes.c_size_t(SIZE)) == -1 and ctypes.get_errno() == errno.EFAULT
assert struct.unpack_from("<Q", os.read(fd, SIZE), 16)[0] == 1
PY
