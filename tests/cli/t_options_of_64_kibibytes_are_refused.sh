# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
long=$(head -c 65536 /dev/zero | tr '\0' x)
status=0
"$CRYPTDISK" mount box.img -o "$long" -d "$KEY" --no-input >"$out" 2>"$err" </dev/null || status=$?
((status && status < 20)) || fail "exit $status"
nothing_left box.img
