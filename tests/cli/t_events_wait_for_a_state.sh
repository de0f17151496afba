# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --label papers
id=$("$CRYPTDISK" id show box.img)
wait_state() { "$CRYPTDISK" events --wait "$@"; }
# In it already: at once. Not in it: when the time is over.
ok wait_state departed box.img --timeout 60
ok wait_state locked box.img --timeout 60
ok wait_state departed --timeout 60
expect_exit 14 wait_state mounted box.img --timeout 200ms --json
valid_json
expect_exit 14 wait_state mounted --timeout 200ms
# Whatever it is called by, also before it is there.
for vol in box.img "id:$id" label:papers ""; do
	in_background "$CRYPTDISK" events --wait mounted ${vol:+"$vol"} --json
	mounted box.img
	ended_with 0
	cp "$T/.background.out" document
	valid_json document
	expect_equal "$(json volume.id document) $(json state document)" "$id mounted"
	in_background "$CRYPTDISK" events --wait departed ${vol:+"$vol"}
	ck umount box.img
	ended_with 0
done
open_disk box.img
ok wait_state unlocked box.img --timeout 60
expect_exit 14 wait_state mounted box.img --timeout 200ms
ck close box.img
expect_exit 4 wait_state mounted no-such.img --timeout 60
expect_exit 12 wait_state missing-media box.img
expect_exit 1 wait_state sleeping box.img
in_background "$CRYPTDISK" events --wait mounted box.img
wait_for 20 grep -q '^waiting' "$T/.background.err"
kill -INT "$background"
ended_with 15
