# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container one.img
new_container two.img
open_disk one.img
open_disk two.img
kill_server one.img STOP
expect_exit 14 timeout 20 "$CRYPTDISK" lock --all --json
valid_json
expect_equal "$(json changed)" true
kill_server one.img CONT
ck status one.img --json
expect_equal "$(json volume.state)" unlocked
ck status two.img --json
expect_equal "$(json volume.state)" locked
