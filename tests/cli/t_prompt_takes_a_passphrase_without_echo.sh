# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
ok typed "$(cat "$KEY")" -- "$CRYPTDISK" open box.img
cleanup "cdisk close $T/box.img"
expect_stdout box.img
! grep -qF "$(cat "$KEY")" "$out" || fail "the passphrase was shown: $(cat "$out")"
is_attached box.img
