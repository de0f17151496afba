# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_loop
requires_fuse
requires fsfreeze
new_container box.img
mounted box.img
works() { timeout 10 sh -c "echo x >'$mnt/$1' && sync -f '$mnt/$1'" || fail "$1: it stands still"; }
/usr/sbin/fsfreeze -f "$mnt"
cleanup "/usr/sbin/fsfreeze -u $mnt"
expect_exit 17 timeout 20 "$CRYPTDISK" lock box.img
/usr/sbin/fsfreeze -u "$mnt" || fail "lock thawed what somebody else had frozen"
works frozen
kill_server box.img STOP
expect_exit 14 timeout 20 "$CRYPTDISK" lock box.img
kill_server box.img CONT
works stopped
ck list --json
expect_equal "$(json 'volumes[0].state')" mounted
