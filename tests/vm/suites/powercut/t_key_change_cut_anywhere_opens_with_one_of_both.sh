# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 3600
. "${BASH_SOURCE[0]%/*}/lib.sh"
((LONG)) || CUTS=10 # fewer may all lie on one side of the change
second_key
foreign_container box.img 20M --type luks2
logged_host box.img
mark begin
ck key change host/box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --no-input
mark end
end_of_log
cleanup cut_cleanup

# The old one answers at once, the new one takes its time.
one_of_both_opens() {
	local status=0
	"$CRYPTDISK" key test cut/box.img -d "$KEY" --no-input >"$out" 2>"$err" </dev/null || status=$?
	if ((status == 0)); then
		old=$((old + 1))
	else
		((status == 2)) || fail "cut at $1, old secret: exit $status: $(cat "$err")"
		opens_with cut/box.img "$KEY2"
		new=$((new + 1))
	fi
	((status == 2 || $1 <= $(entry_of end))) || fail "the old secret opens after the change"
}
old=0 new=0
for at in $(cuts "$(entry_of begin)" "$(entry_of end)") "$entries"; do
	at_cut "$at" one_of_both_opens "$at"
done
echo "$old with the old, $new with the new"
((old > 0 && new > 0)) || fail "$old with the old, $new with the new: the change was not cut"
