# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
open_disk box.img
status=0
"$CRYPTDISK" erase box.img --yes --no-input >"$out" 2>"$err" </dev/null || status=$?
((status == 11 || status == 17)) || fail "exit $status"
opens_with box.img "$KEY"
