# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
ck lock box.img --json
valid_json
expect_equal "$(json changed) $(json volume)" "false null"
expect_exit 4 "$CRYPTDISK" resume box.img -d "$KEY" --no-input
open_disk box.img
ck resume box.img --no-input --json
valid_json
expect_equal "$(json changed) $(json volume.state)" "false unlocked"
ck lock box.img --json
expect_equal "$(json changed)" true
ck lock box.img --json
valid_json
expect_equal "$(json changed) $(json volume.state)" "false locked"
expect_exit 6 "$CRYPTDISK" resume box.img --no-input
ck resume box.img -d "$KEY" --no-input
