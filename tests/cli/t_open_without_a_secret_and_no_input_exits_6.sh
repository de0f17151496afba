# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
unchanged_by box.img 6 "$CRYPTDISK" open box.img --no-input --json
valid_json
expect_equal "$(json error.name)" no-credential
