# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
ck status box.img --json
valid_json
expect_equal "$(json 'volumes[0].owner.uid' 2>/dev/null || json volume.owner.uid)" "$EUID"
grep -q '"memory"' "$out" || fail "memory is not shown"
grep -q "\"mnt_ns\": *$(stat -Lc %i /proc/self/ns/mnt)" "$out" || fail "mnt_ns: $(cat "$out")"
