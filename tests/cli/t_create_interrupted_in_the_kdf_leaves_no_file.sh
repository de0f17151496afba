# SPDX-License-Identifier: GPL-2.0-or-later
in_background "$CRYPTDISK" create box.img --size 64M -d "$KEY" --no-input \
	--kdf-memory 256M --kdf-passes 60
# A quarter of a gigabyte resident: argon2 runs, here or in a child.
running() { ps -o rss= --pid "$background" --ppid "$background" | awk '$1 > 200000 { n++ } END { exit !n }'; }
wait_for 20 running
kill -INT "$background"
milliseconds ended_with 15
((elapsed < 1500)) || fail "it took $elapsed ms to stop"
expect_equal "$(find . -name '*box.img*')" ""
