# SPDX-License-Identifier: GPL-2.0-or-later
umask 000
new_container box.img
ck header backup box.img copy --json
valid_json
expect_equal "$(stat -c %a copy)" 600
cmp -n "$(stat -c %s copy)" copy box.img
unchanged_by copy 5 "$CRYPTDISK" header backup box.img copy
cryptsetup_opens copy "$KEY"
