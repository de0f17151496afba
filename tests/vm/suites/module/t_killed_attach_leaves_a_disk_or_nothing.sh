# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
made=0
for n in {0..39}; do
	cdkctl attach -q 16 -d image >/dev/null 2>&1 &
	pid=$!
	((n % 10 == 0)) || sleep "0.00$((n % 10))" # at once: before it is there, or as soon as it is
	kill -KILL $pid || true
	wait $pid || true
	if cdkctl detach -f 0 >/dev/null; then made=$((made + 1)); fi
done 2>/dev/null
((made > 0 && made < 40)) || fail "$made of 40 attached: none was killed on its way"
expect_equal "$(cdkctl list)" 0
wait_for 20 rmmod cryptdisk
