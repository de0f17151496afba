# SPDX-License-Identifier: GPL-2.0-or-later
requires_user
requires_fuse
new_container box.img
ulimit -l 0
expect_exit 3 "$CRYPTDISK" open box.img -d "$KEY" --no-input --require-locked-memory
open_disk box.img
grep -qi 'lock' "$err" || fail "no warning: $(cat "$err")"
