# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
. "${BASH_SOURCE[0]%/*}/lib.sh"
need_module
new_container box.img
listening
cdkevents ready >ring &
reader=$!
cleanup "kill $reader"
wait_for 30 test -e ready
for _ in 1 2; do
	mounted box.img --backend kmod
	ck umount box.img
done
wait_for 30 has_told departed 2
kill -TERM "$reader"
wait "$reader" || fail "$(cat ring)"
# The module's disks by their generation, and what the log says of the same.
attached=$(awk '$3 == "ATTACHED" { print $6 }' ring | sort -n)
[[ $attached ]] || fail "$(cat ring)"
logged=$(grep -F "$("$CRYPTDISK" id show box.img)" /run/cryptdisk/events |
	sed -nE 's/.*"event":"arrived".*"generation":([0-9]+).*/\1/p' | sort -n)
expect_equal "$logged" "$attached"
