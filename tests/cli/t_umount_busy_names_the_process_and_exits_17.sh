# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
touch "$mnt/file"
sleep 300 7>>"$mnt/file" &
holder=$!
cleanup "kill $holder"
expect_exit 17 "$CRYPTDISK" umount box.img --json
valid_json
grep -q "$holder" "$out" "$err" || fail "pid $holder is not named"
expect_exit 17 "$CRYPTDISK" umount box.img --wait 1s
expect_stderr "$holder"
expect_stderr sleep
ck ps box.img
expect_stdout "$holder"
ck ps box.img --json
valid_json
mountpoint -q "$mnt"
kill $holder
wait $holder || true
ck umount box.img
