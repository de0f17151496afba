# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
echo junk >junk
while read -r code line; do
	# shellcheck disable=SC2086 # verbs and arguments
	expect_exit "$code" "$CRYPTDISK" $line --json --no-input
	valid_json
	expect_equal "$(json ok)" false "$line"
	expect_equal "$(json error.code)" "$code" "$line"
	[[ -n $(json error.message) ]] || fail "$line: no message"
done <<'ROWS'
1 nosuchverb
1 open
1 open box.img --nosuchoption
1 create new.img --size twelve
4 open nosuch.img
4 info junk
4 status nosuch.img
4 mount /etc
6 open box.img
6 key add box.img
6 resize box.img 100M
1 erase box.img
1 lock
4 lock nosuch.img
4 resume nosuch.img
4 resume box.img
4 eject nosuch.img
1 eject
ROWS
