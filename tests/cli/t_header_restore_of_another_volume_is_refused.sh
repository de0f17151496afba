# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
new_container other.img
ck header backup other.img copy
before=$(digest box.img)
"$CRYPTDISK" header restore box.img copy --yes --no-input >"$out" 2>"$err" && fail "restored"
expect_equal "$(digest box.img)" "$before"
expect_stderr "$("$CRYPTDISK" id show other.img)"
