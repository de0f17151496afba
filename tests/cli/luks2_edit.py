#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""luks2_edit.py FILE STATEMENT: changes both header copies of a LUKS2 container and mends their
checksums. The statement sees j (the JSON area) and h (uuid, label, as bytes, seqid)."""
import hashlib, json, struct, sys

path, statement = sys.argv[1:]
with open(path, "r+b") as f:
    size = struct.unpack(">Q", f.read(16)[8:])[0]
    for offset in (0, size):
        f.seek(offset)
        area = bytearray(f.read(size))
        j = json.loads(area[4096:].split(b"\0")[0])
        h = {"uuid": bytes(area[168:208]).rstrip(b"\0"), "label": bytes(area[24:72]).rstrip(b"\0"),
             "seqid": struct.unpack(">Q", area[16:24])[0]}
        exec(statement)
        area[168:208] = h["uuid"].ljust(40, b"\0")
        area[24:72] = h["label"].ljust(48, b"\0")
        area[16:24] = struct.pack(">Q", h["seqid"])
        text = json.dumps(j).encode()
        area[4096:] = text.ljust(size - 4096, b"\0")
        area[448:512] = bytes(64)
        area[448:480] = hashlib.sha256(area).digest()
        f.seek(offset)
        f.write(area)
