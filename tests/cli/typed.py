#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""typed.py ANSWER... -- CMD...: runs CMD on a terminal of its own and types the next answer each
time the terminal asks (an answer "^C" is that key). Prints what the terminal showed; ends with
CMD's exit status, or 99 when the terminal was left without echo."""
import os, pty, select, sys, termios, time

separator = sys.argv.index("--")
answers, command = sys.argv[1:separator], sys.argv[separator + 1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown, seen, end = b"", 0, time.time() + 60

def echo():
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)

while time.time() < end:
    if select.select([terminal], [], [], 0.1)[0]:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        shown += data
    elif answers and not echo() and len(shown) > seen:
        seen = len(shown)
        answer = answers.pop(0)
        os.write(terminal, b"\x03" if answer == "^C" else os.fsencode(answer) + b"\n")
left_with_echo = echo()
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.stdout.buffer.write(shown)
sys.exit(status if left_with_echo else 99)
