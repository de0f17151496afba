# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
before=$(cat /proc/self/mountinfo)
ck mount box.img -d "$KEY" --no-input --dry-run --json
valid_json
expect_equal "$(cat /proc/self/mountinfo)" "$before"
nothing_left box.img
