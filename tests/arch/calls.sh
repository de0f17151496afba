#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Calls that nobody here makes: strings without bounds, programs through PATH or a shell, and in
# the library printing, exiting, reading the environment and changing signals. Descriptors are
# made close-on-exec.
set -u
exec python3 - <<'PY'
import re, subprocess, sys

everywhere = "strcpy strcat sprintf vsprintf gets system popen execvp execlp execvpe alloca " \
             "tmpnam mktemp tempnam atoi atol strtok".split()
library = "printf puts putchar perror getenv exit signal sigaction sigprocmask err errx warn warnx".split()
# The children of fork() there become other programs and start with signals at their defaults.
child_files = {"libcontainer/base/process.c", "libcontainer/backend/child.c",
               "libcontainer/backend/launch.c"}
makers = {"open": "O_CLOEXEC", "openat": "O_CLOEXEC", "memfd_create": "CLOEXEC", "pipe2": "O_CLOEXEC",
          "socket": "SOCK_CLOEXEC", "socketpair": "SOCK_CLOEXEC", "accept4": "SOCK_CLOEXEC",
          "epoll_create1": "EPOLL_CLOEXEC", "fopen": "e\""}
plain = "pipe dup dup2 accept epoll_create creat signalfd0".split()
bad = False

def complain(path, text, at, what):
    global bad
    bad = True
    print(f"{path}:{text.count(chr(10), 0, at) + 1}: {what}")

def blank(match):
    return re.sub(r"[^\n]", " ", match.group())

files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "libcontainer/*.[ch]", "cli/*.[ch]"],
                       capture_output=True, text=True, check=True).stdout.split()
for path in files:
    text = re.sub(r"/\*.*?\*/|//[^\n]*", blank, open(path).read(), flags=re.S)
    code = re.sub(r'"(\\.|[^"\\\n])*"', blank, text)
    banned = list(everywhere)
    if path.startswith("libcontainer/") and path not in child_files:
        banned += library
    for name in banned:
        for m in re.finditer(r"(?<![\w.>])" + name + r"\s*\(", code):
            complain(path, text, m.start(), f"calls {name}()")
    for name in plain:
        for m in re.finditer(r"(?<![\w.>])" + name + r"\s*\(", code):
            if name == "dup2":
                continue
            complain(path, text, m.start(), f"{name}() makes a descriptor that programs inherit")
    for name, flag in makers.items():
        for m in re.finditer(r"(?<![\w.>])" + name + r"\s*\(", code):
            statement = text[m.start():text.find(";", m.start())]
            if path == "cli/startup.c":  # the standard descriptors are for programs, too
                continue
            if flag not in statement and "{" not in statement:
                complain(path, text, m.start(), f"{name}() without {flag}")
sys.exit(bad)
PY
