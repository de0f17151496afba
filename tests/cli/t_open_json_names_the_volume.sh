# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --label papers
ck open box.img -d "$KEY" --no-input --json
cleanup "cdisk close $T/box.img"
valid_json
expect_equal "$(json volume.state)" unlocked
expect_equal "$(json volume.backend)" "$BACKEND"
expect_equal "$(json volume.file.ino)" "$(stat -c %i box.img)"
[[ -r $(json volume.disk) ]] || fail "no disk"
ck close box.img --json
valid_json
expect_equal "$(json changed)" true
