#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scan_memory.py PID HEX...: copies of each byte string in a process, one line a string:
"COPIES OUTSIDE", where OUTSIDE counts those that are not in memory that is locked (where locking
is allowed), left out of core files and wiped in children. Also looks at cmdline and environ, of
which every copy is one outside."""
import re, sys

pid, secrets = sys.argv[1], [bytes.fromhex(s) for s in sys.argv[2:]]
copies, outside = [0] * len(secrets), [0] * len(secrets)

def count(data, kept):
    for i, secret in enumerate(secrets):
        n = data.count(secret)
        copies[i] += n
        outside[i] += 0 if kept else n

maps, flags = [], {}
for line in open(f"/proc/{pid}/smaps"):
    m = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line)
    if m:
        maps.append((int(m[1], 16), int(m[2], 16), m[3]))
    elif line.startswith("VmFlags:"):
        flags[maps[-1]] = line.split()[1:]

with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
    for area in maps:
        start, end, permissions = area
        if "r" not in permissions:
            continue
        kept = {"dd", "wf"} <= set(flags.get(area, []))
        position, tail = start, b""
        while position < end:
            try:
                memory.seek(position)
                data = memory.read(min(end - position, 1 << 24))
            except (OSError, ValueError):
                break
            if not data:
                break
            count(tail + data, kept)
            # An overlap shorter than a secret, so that none is counted twice.
            tail = data[-(min(map(len, secrets)) - 1):]
            position += len(data)

for name in "cmdline", "environ":
    try:
        count(open(f"/proc/{pid}/{name}", "rb").read(), False)
    except OSError:
        pass
for i in range(len(secrets)):
    print(copies[i], outside[i])
