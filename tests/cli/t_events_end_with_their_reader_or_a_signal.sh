# SPDX-License-Identifier: GPL-2.0-or-later
# The reader goes away while nothing happens.
mkfifo pipe
env --default-signal=INT "$CRYPTDISK" events --json >pipe 2>err.txt &
background=$!
cleanup "kill -KILL $background"
exec {reader}<pipe
wait_for 20 grep -q '^listening' err.txt
exec {reader}<&-
ended=0
wait "$background" || ended=$?
expect_equal "$ended" 0
for signal in INT TERM HUP; do
	listening
	kill "-$signal" "$background"
	ended=0
	wait "$background" || ended=$?
	expect_equal "$ended" 0 "after SIG$signal"
	expect_equal "$(cat "$events")" ""
done
# A reader that reads nothing: the listener can be interrupted all the same.
exec {writer}<>pipe
log=/run/cryptdisk/events
is_root || { log=$XDG_RUNTIME_DIR/cryptdisk/events && mkdir -p "${log%/*}"; }
for n in {1..300}; do
	echo "{\"seq\":$n,\"time\":\"2026-12-01T10:00:00.000Z\",\"event\":\"resized\",\"volume\":{}}"
done >"$log"
env --default-signal=INT "$CRYPTDISK" events --json --since 0 >pipe 2>err.txt &
background=$!
cleanup "kill -KILL $background"
wait_for 20 grep -q '^listening' err.txt
kill -INT "$background"
wait_for 20 gone "$background"
# A full disk is an error.
if [[ -c /dev/full ]]; then
	status=0
	"$CRYPTDISK" events --since 0 --timeout 0 >/dev/full 2>err.txt || status=$?
	expect_equal "$status" 16
fi
exec {writer}>&-
