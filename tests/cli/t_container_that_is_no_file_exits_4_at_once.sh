# SPDX-License-Identifier: GPL-2.0-or-later
mkdir folder
mkfifo pipe
"$PYTHON" -c 'import socket; socket.socket(socket.AF_UNIX).bind("talk")'
for name in folder pipe talk /dev/null /dev/tty nosuch; do
	for verb in info open mount "key list" "header check"; do
		case $verb in open | mount) key=(-d "$KEY") ;; *) key=() ;; esac
		status=0
		# shellcheck disable=SC2086 # verbs of two words
		timeout 5 "$CRYPTDISK" $verb $name "${key[@]}" --no-input >"$out" 2>"$err" </dev/null || status=$?
		[[ $status == 4 || ($status == 7 && $name == /dev/*) ]] || fail "$verb $name: exit $status: $(cat "$err")"
		expect_stderr "$name"
	done
done
