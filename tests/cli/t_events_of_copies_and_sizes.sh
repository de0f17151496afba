# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
cp box.img copy.img
listening
# Of what is not attached there is nothing but the container.
ck resize box.img 80M -d "$KEY" --no-input
wait_for 20 has_told resized 1
grep '"resized"' "$events" >line
expect_equal "$(json volume.size line) $(json volume.instance line)" "$((64 * 1024 * 1024)) null"
open_disk box.img
open_disk copy.img --copy
wait_for 20 has_told duplicate 1
ck close copy.img
ck close box.img
wait_for 20 has_told departed 2
valid_events
expect_equal "$(told arrived) $(told departed)" "2 2"
# Only what happens to one of them.
ck events --since 0 --timeout 0 --json copy.img
expect_equal "$(story "$out")" "arrived unlocked duplicate locked departed:user"
