# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
expect_exit 1 "$CRYPTDISK" erase box.img --no-input
opens_with box.img "$KEY"
ck erase box.img --yes --no-input --json
valid_json
expect_exit 4 "$CRYPTDISK" info box.img
"$CRYPTDISK" open box.img -d "$KEY" --no-input >"$out" 2>"$err" </dev/null && fail "it opened"
requires cryptsetup
! /usr/sbin/cryptsetup open --test-passphrase --key-file "$KEY" box.img 2>/dev/null || fail "it opened"
expect_equal "$(head -c 16M box.img | grep -c LUKS || true)" 0
