# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
listening
mounted box.img
wait_for 20 has_told mounted 1
switches() { awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$background/status"; }
state() { awk '/^State/ { print $2 }' "/proc/$background/status"; }
# What the mount stirred up has to settle first; other mounts of the machine may come in between.
for _ in {1..8}; do
	before=$(switches)
	sleep 5 # longer than anybody would poll
	after=$(switches)
	[[ $before == "$after" ]] && break
done
expect_equal "$after" "$before" "an idle listener woke up"
expect_equal "$(state)" S
ck umount box.img
wait_for 20 has_told departed 1
