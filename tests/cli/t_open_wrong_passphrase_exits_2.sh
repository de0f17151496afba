# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
echo wrong >other
unchanged_by box.img 2 "$CRYPTDISK" open box.img -d other --no-input --json
valid_json
expect_equal "$(json error.name)" bad-passphrase
nothing_left box.img
