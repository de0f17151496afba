# SPDX-License-Identifier: GPL-2.0-or-later
# Anything but the word leaves the container as it is; the word destroys its keys.
new_container box.img
cat >answer.py <<'PY'
import os, pty, select, sys, time
answer, command = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown, typed, end = b"", False, time.time() + 60
while time.time() < end:
    if not select.select([terminal], [], [], 0.1)[0]:
        continue
    try:
        shown += os.read(terminal, 4096)
    except OSError:
        break
    if not typed and b"to go on: " in shown:
        os.write(terminal, answer.encode() + b"\n")
        typed = True
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
for answer in no '' 'erase it' ERASE; do
	expect_exit 15 "$PYTHON" answer.py "$answer" "$CRYPTDISK" erase box.img
done
ck key test box.img -d "$KEY"
ok "$PYTHON" answer.py erase "$CRYPTDISK" erase box.img
expect_exit 4 "$CRYPTDISK" info box.img
