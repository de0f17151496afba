# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
. "${BASH_SOURCE[0]%/*}/lib.sh"
new_container box.img
listening
mounted box.img --backend loop
wait_for 30 has_told mounted 1
udevadm settle
switches() { awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$background/status"; }
for _ in {1..8}; do
	before=$(switches)
	sleep 5 # longer than anybody would poll
	after=$(switches)
	[[ $before == "$after" ]] && break
done
expect_equal "$after" "$before" "an idle listener woke up"
ck umount box.img
wait_for 30 has_told departed 1
