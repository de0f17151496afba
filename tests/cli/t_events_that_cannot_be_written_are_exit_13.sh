# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
run=/run/cryptdisk
is_root || run=$XDG_RUNTIME_DIR/cryptdisk
open_disk box.img
ck close box.img
# Something that is no log is in its place: the volume is open all the same, and that is said.
mv "$run/events" "$run/kept"
mkdir "$run/events"
expect_exit 13 "$CRYPTDISK" open box.img -d "$KEY" --no-input --json
cleanup "'$CRYPTDISK' close box.img"
valid_json
expect_stderr "listeners were not told"
expect_equal "$(json error.name) $(json volume.state)" "partial unlocked"
ck status box.img
expect_exit 13 "$CRYPTDISK" close box.img
nothing_left box.img
# Nor does a link lead the writer elsewhere.
rmdir "$run/events"
echo precious >"$run/precious"
cleanup "rm -f $run/precious"
ln -s "$run/precious" "$run/events"
expect_exit 13 "$CRYPTDISK" open box.img -d "$KEY" --no-input
rm "$run/events"
ln "$run/precious" "$run/events"
expect_exit 13 "$CRYPTDISK" close box.img
expect_equal "$(cat "$run/precious")" precious
rm "$run/events"
mv "$run/kept" "$run/events"
open_disk box.img
ck close box.img
