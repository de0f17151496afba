# SPDX-License-Identifier: GPL-2.0-or-later
# What the program inherits or is given by mistake: ignored SIGCHLD, an empty line, a full disk.
new_container box.img

expect_exit 1 "$CRYPTDISK" open box.img --password --json
valid_json
expect_equal "$(json error.code)" 1
expect_exit 1 "$CRYPTDISK" open box.img --json=yes
valid_json
expect_exit 1 "$CRYPTDISK" open box.img -d "$KEY" --json --progress-fd 1
valid_json

echo >empty_line
status=0
"$CRYPTDISK" create new.img --size 64M "${KDF[@]}" --passphrase-stdin <empty_line >"$out" 2>"$err" ||
	status=$?
expect_equal "$status" 6 "an empty passphrase for a new container"
expect_stderr "empty passphrase"
expect_missing new.img

# A container that cannot be told from a path is looked for by its label.
ck close label:a/b --json
expect_equal "$(json changed)" false

status=0
"$CRYPTDISK" info box.img --json >/dev/full 2>"$err" || status=$?
expect_equal "$status" 18 "a full disk for the result"

# Waits for children work although the caller had ignored their signal.
"$PYTHON" - "$CRYPTDISK" "$KEY" <<'PY' >"$out" 2>"$err" || fail "SIGCHLD was ignored: $(cat "$err")"
import os, signal, sys
program, key = sys.argv[1:]
pid = os.fork()
if pid == 0:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
    os.execv(program, [program, "fsck", "box.img", "-d", key, "--no-input"])
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
nothing_left box.img
