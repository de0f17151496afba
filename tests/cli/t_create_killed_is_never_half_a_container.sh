# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
finished=0
for delay in 0.02 0.05 0.1 0.15 0.2 0.3 0.4 0.6 0.8 1.2; do
	rm -f box.img
	in_background "$CRYPTDISK" create box.img --size 64M -d "$KEY" --no-input "${KDF[@]}"
	sleep $delay
	kill -KILL "$background" 2>/dev/null || true
	wait "$background" 2>/dev/null || true
	[[ -e box.img ]] || continue
	if "$CRYPTDISK" info box.img >"$out" 2>"$err" </dev/null; then
		open_disk box.img
		expect_equal "$(/usr/sbin/blkid -p -o value -s TYPE "$disk")" ext4 "after $delay s"
		ck close box.img
		finished=1
	else
		grep -qi unfinished "$err" || fail "after $delay s: $(cat "$err")"
	fi
done
