# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
rm -rf codes
mkdir codes
cleanup "cdisk close $T/box.img"
for i in {1..50}; do
	(
		status=0
		"$CRYPTDISK" open box.img -d "$KEY" --no-input </dev/null >/dev/null 2>&1 || status=$?
		echo $status >codes/$i
	) &
done
wait
expect_equal "$(cat codes/* | sort | uniq -c | xargs)" "1 0 49 11"
ck close box.img
