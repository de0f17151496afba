# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
edit_luks2 box.img "j['keyslots']['0']['kdf']['time'] = 300"
in_background "$CRYPTDISK" open box.img -d "$KEY" --no-input
busy() { (($(ps -o rss= -p "$background") > 50000)); }
wait_for 10 busy
kill -INT "$background"
milliseconds ended_with 15
((elapsed < 1000)) || fail "$elapsed ms"
nothing_left box.img
foreign_container old.img 8M --type luks1
"$PYTHON" - <<'PY'
import struct
with open("old.img", "r+b") as f:
    f.seek(208 + 4)
    f.write(struct.pack(">I", 100000000))
PY
in_background "$CRYPTDISK" open old.img -d "$KEY" --no-input
busy() { (($(awk '{ print $14 }' "/proc/$background/stat") > 20)); }
wait_for 10 busy
kill -INT "$background"
milliseconds ended_with 15
((elapsed < 1000)) || fail "PBKDF2: $elapsed ms"
