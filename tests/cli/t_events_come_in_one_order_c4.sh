# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --label papers
listening
# A link leads to a block device; with fuse there is one while it is mounted.
linked='' opened=''
is_root && linked="linked "
[[ $BACKEND == fuse ]] || opened="linked "
for n in 1 2; do
	mounted box.img
	# The log for everybody has no paths: root's listener sees them as long as it is there.
	((n == 2)) || wait_for 20 has_told mounted 1
	ck umount box.img
	wait_for 20 has_told departed "$n"
done
once="arrived unlocked ${linked}mounted unmounting unmounted locked departed:user"
expect_equal "$(story)" "$once $once"
valid_events
# Every one of them knows what it is about.
expect_equal "$(grep -c "\"id\":\"$("$CRYPTDISK" id show box.img)\"" "$events")" "$(wc -l <"$events")"
grep '"event":"mounted"' "$events" | head -n 1 >line
expect_equal "$(json volume.state line) $(json volume.mountpoint line)" "mounted $mnt"
expect_equal "$(json volume.label line)" papers
# An open without a mount is neither mounted nor unmounted.
open_disk box.img
ck close box.img
wait_for 20 has_told departed 3
expect_equal "$(story)" "$once $once arrived unlocked ${opened}locked departed:user"
