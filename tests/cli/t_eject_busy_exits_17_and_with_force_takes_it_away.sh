# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
open_disk box.img
exec {held}<"$disk"
expect_exit 17 "$CRYPTDISK" eject box.img --json
valid_json
[[ -n $(server_pid box.img) ]] || fail "the server is gone"
expect_exit 1 "$CRYPTDISK" eject box.img --force --lazy
ck eject box.img --force
exec {held}<&-
nothing_left box.img
expect_exit 4 "$CRYPTDISK" eject nowhere.img
