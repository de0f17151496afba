# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
mkdir folder
for number in -1 -2147483648 2147483648 999 abc ''; do
	expect_exit 1 "$CRYPTDISK" open box.img --key-fd "$number" --no-input
done
status=0
"$CRYPTDISK" open box.img --key-fd 6 --no-input 6<folder >"$out" 2>"$err" </dev/null || status=$?
((status && status < 20)) || fail "a directory as a key: exit $status"
status=0
"$CRYPTDISK" open box.img --key-fd 6 --no-input 6>written >"$out" 2>"$err" </dev/null || status=$?
((status && status < 20)) || fail "a descriptor that cannot be read as a key: exit $status"
