# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
for size in 0 1 6 511 512 4095 4096 5000 16383 16384 20000 32767 32768 40000 262144 300000 \
	1048576 8388608 16777215 16777216 16777217 16781311; do
	head -c $size box.img >cut.img
	status=0
	milliseconds timeout 10 "$CRYPTDISK" open cut.img -d "$KEY" --no-input >"$out" 2>"$err" </dev/null ||
		status=$?
	((status == 4 || status == 10)) || fail "$size bytes: exit $status: $(cat "$err")"
	[[ -s $err ]] || fail "$size bytes: no message"
	nothing_left cut.img
done
