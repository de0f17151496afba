# SPDX-License-Identifier: GPL-2.0-or-later
echo precious >box.img
unchanged_by box.img 5 "$CRYPTDISK" create box.img --size 64M -d "$KEY" --no-input --json
valid_json
expect_equal "$(json error.name)" exists
