# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
before=$(digest box.img)
"$CRYPTDISK" key remove box.img -d "$KEY" --yes --no-input >"$out" 2>"$err" </dev/null && fail "removed"
expect_equal "$(digest box.img)" "$before"
expect_stderr last
