# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
for n in {1..30}; do
	cdkctl attach -q 16 -d image >/dev/null 2>&1 &
	pid=$!
	kill -KILL $pid
	wait $pid || true
	cdkctl detach -f 0 >/dev/null || true
done 2>/dev/null
expect_equal "$(cdkctl list)" 0
wait_for 20 rmmod cryptdisk
