# SPDX-License-Identifier: GPL-2.0-or-later
"$CRYPTDISK" create box.img --size 900M --wipe random -d "$KEY" "${KDF[@]}" --no-input >"$out" 2>"$err" &
pid=$!
until [[ -e box.img ]] && (($(stat -c %b box.img) > 40000)); do
	kill -0 $pid 2>/dev/null || fail "it was over before it could be killed"
done
kill -9 $pid
wait $pid 2>/dev/null || true
expect_exit 10 "$CRYPTDISK" info box.img
expect_stderr unfinished
