# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced first by every test script. A script ends with 0 (passed), 77 (skipped, the last line
# says why) or anything else (failed). It runs in a directory of its own, $T, as root or as an
# ordinary user, and finds the installed program as $CRYPTDISK. What it started ends with it.
set -eEuo pipefail

T=${T:-$(mktemp -d)}
cd "$T"
DATA=${CRYPTDISK_TEST_DATA:-/nonexistent}
LONG=${CRYPTDISK_LONG:-0}
# The cheapest slot that the program makes: tests are not about the cost of the KDF.
KDF=(--kdf-memory 64M --kdf-passes 4)
KEY=$T/key
printf 'correct horse battery staple' >"$KEY"
chmod 600 "$KEY"
out=$T/.stdout err=$T/.stderr
# Where mount points may be made: root mounts only beneath directories that are root's alone.
PLACES=$T
PYTHON=/usr/bin/python3

cleanups=()
# cleanup 'COMMAND': runs at the end, last one first, also after a failure or a signal
cleanup() { cleanups=("$1" "${cleanups[@]}"); }
run_cleanups() {
	local status=$? hook
	trap - EXIT ERR
	set +eE
	for hook in "${cleanups[@]}"; do
		eval "$hook"
	done >/dev/null 2>&1
	exit "$status"
}
trap run_cleanups EXIT
trap 'exit 130' INT TERM HUP
trap 'echo "line $LINENO: $BASH_COMMAND"' ERR

fail() {
	echo "FAILED: $*"
	trap - ERR
	exit 1
}
skip() {
	echo "$*"
	trap - ERR
	exit 77
}

# use_backend NAME: the same tests run over every backend: the one that is named is given to whatever
# opens a volume and does not name one itself
BACKEND=fuse
use_backend() {
	BACKEND=$1
	cat >"$T/.cryptdisk" <<-END
		#!/bin/bash
		[[ \$1 == mount || \$1 == open ]] && [[ " \$* " != *" --backend"* ]] &&
			set -- "\$1" --backend $1 "\${@:2}"
		exec '$CRYPTDISK' "\$@"
	END
	chmod 755 "$T/.cryptdisk"
	CRYPTDISK=$T/.cryptdisk
}
[[ -z ${CRYPTDISK_TEST_BACKEND-} ]] || use_backend "$CRYPTDISK_TEST_BACKEND"
# backend NAME...: the test is about these only
backend() { [[ " $* " == *" $BACKEND "* ]] || skip "is about backend $*"; }

is_root() { ((EUID == 0)); }
if is_root; then
	PLACES=$(mktemp -d /run/cryptdisk-places.XXXXXX)
	cleanup "rm -rf --one-file-system $PLACES"
fi
# own_definitions: this test's folder of definitions is $definitions, and is empty
own_definitions() {
	if is_root; then
		mkdir -p /etc/cryptdisk # stays: to remove it would take it from under another test's mount
		mount -t tmpfs -o mode=755 tmpfs /etc/cryptdisk
		cleanup "umount -l /etc/cryptdisk"
		definitions=/etc/cryptdisk/volumes.d
	else
		export XDG_CONFIG_HOME=$T/config
		definitions=$XDG_CONFIG_HOME/cryptdisk/volumes.d
	fi
}
requires_root() { is_root || skip "needs root"; }
requires_user() { ! is_root || skip "is about an ordinary user"; }
requires_data() { [[ -r $DATA/opens.tsv ]] || skip "needs the test data (CRYPTDISK_TEST_DATA)"; }
requires_fuse() {
	[[ $BACKEND == fuse ]] || return 0
	{ exec {fuse_fd}<>/dev/fuse; } 2>/dev/null || skip "cannot open /dev/fuse"
	exec {fuse_fd}>&-
}
requires() {
	local program
	for program; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || skip "needs $program"
	done
}
# A probe by doing: a loop device can be had.
requires_loop() {
	requires_root
	truncate -s 1M "$T/.probe"
	local node
	node=$(losetup --find --show "$T/.probe" 2>/dev/null) || skip "needs loop devices"
	losetup -d "$node"
}

# expect_exit CODE CMD...: CMD must end with CODE; what it printed is in $out and $err
expect_exit() {
	local want=$1 got=0
	shift
	"$@" >"$out" 2>"$err" </dev/null || got=$?
	((got == want)) || {
		sed 's/^/stdout: /' "$out" | head -n 20
		sed 's/^/stderr: /' "$err" | head -n 20
		fail "exit $got, expected $want: $*"
	}
}
ok() { expect_exit 0 "$@"; }
# cd_ok VERB...: the program, with success expected
cdisk() { "$CRYPTDISK" "$@"; }
ck() { expect_exit 0 "$CRYPTDISK" "$@"; }

expect_stdout() { grep -qie "$1" "$out" || fail "stdout lacks '$1': $(head -n 5 "$out")"; }
expect_stderr() { grep -qie "$1" "$err" || fail "stderr lacks '$1': $(head -n 5 "$err")"; }
expect_equal() { [[ $1 == "$2" ]] || fail "'$1' is not '$2'${3:+: $3}"; }
expect_missing() { [[ ! -e $1 && ! -L $1 ]] || fail "$1 is there"; }

# wait_for SECONDS CMD...: until CMD succeeds
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || fail "still not so: $*"
		sleep 0.05
	done
}
# gone PID: it has ended, reaped or not
gone() { ! grep -q '^State:[[:space:]]*[^[:space:]ZX]' "/proc/$1/status" 2>/dev/null; }

# milliseconds CMD...: how long it took is in $elapsed; its exit status is passed on
milliseconds() {
	local from status=0
	from=$(date +%s%3N)
	"$@" || status=$?
	elapsed=$(($(date +%s%3N) - from))
	return "$status"
}

# json PATH [FILE]: a value of the JSON document in $out: "volume.state", "slots[0].kdf"
json() {
	"$PYTHON" - "$1" "${2:-$out}" <<'PY'
import json, re, sys
value = json.load(open(sys.argv[2]))
for key in re.findall(r"[^.\[\]]+", sys.argv[1]):
    value = value[int(key)] if isinstance(value, list) else value[key]
print({True: "true", False: "false", None: "null"}.get(value, value)
      if isinstance(value, (bool, type(None))) else
      json.dumps(value) if isinstance(value, (dict, list)) else value)
PY
}
# valid_json [FILE]: one document, as the shipped schema has it
valid_json() {
	"$PYTHON" - "$CRYPTDISK_SCHEMA" "${1:-$out}" <<'PY' || fail "JSON: $(head -c 2000 "${1:-$out}")"
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
document = json.load(open(sys.argv[2]))
jsonschema.Draft202012Validator.check_schema(schema)
errors = list(jsonschema.Draft202012Validator(schema).iter_errors(document))
for e in errors:
    print("schema:", "/".join(map(str, e.path)), e.message[:300])
sys.exit(bool(errors))
PY
}

# listening [OPTION...]: a listener that is ready; its events come into $events, its pid is $background
listening() {
	events=$T/events.$RANDOM
	env --default-signal=INT "$CRYPTDISK" events --json "$@" >"$events" 2>"$events.err" </dev/null &
	background=$!
	cleanup "kill -KILL $background"
	wait_for 20 grep -q '^listening' "$events.err"
}
# told EVENT [FILE]: how often the listener told it
told() { grep -c "\"event\":\"$1\"" "${2:-$events}" || true; }
has_told() { (($(told "$1" "${3:-$events}") >= $2)); }
# story [FILE]: the events in their order, with the reason of departures
story() {
	"$PYTHON" - "${1:-$events}" <<'PY'
import json, sys
words = []
for line in open(sys.argv[1]):
    e = json.loads(line)
    words.append(e["event"] + (":" + e["reason"] if e["event"] == "departed" else ""))
print(*words)
PY
}
# valid_events [FILE]: each line as the shipped schema has it, seq growing
valid_events() {
	"$PYTHON" - "$CRYPTDISK_SCHEMA" "${1:-$events}" <<'PY' || fail "events: $(head -c 2000 "${1:-$events}")"
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
schema = {"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": "#/$defs/event"}
validator, last, bad = jsonschema.Draft202012Validator(schema), 0, 0
for line in open(sys.argv[2]):
    event = json.loads(line)
    for e in validator.iter_errors(event):
        bad = 1
        print("schema:", "/".join(map(str, e.path)), e.message[:300])
    if event["seq"] is not None:
        bad |= event["seq"] <= last
        last = event["seq"]
sys.exit(bad)
PY
}

# new_container FILE [OPTION...]: 64 MiB, ext4, opened by $KEY
new_container() {
	local file=$1
	shift
	local size=(--size 64M)
	[[ " $* " == *" --size "* || " $* " == *" --from "* ]] && size=()
	ck create "$file" "${size[@]}" --key-file "$KEY" "${KDF[@]}" --no-input "$@"
}
# foreign_container FILE SIZE [LUKSFORMAT OPTION...]: made by cryptsetup, with a cheap PBKDF2
foreign_container() {
	local file=$1 size=$2
	shift 2
	requires cryptsetup
	truncate -s "$size" "$file"
	/usr/sbin/cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
		"$@" "$file" "$KEY" >"$T/.luksformat" 2>&1 || fail "luksFormat: $(cat "$T/.luksformat")"
}
# open_disk FILE [OPTION...]: opens it, the path of the plain disk is in $disk
open_disk() {
	local file=$1
	shift
	ck open "$file" -d "$KEY" --no-input "$@"
	disk=$(tail -n 1 "$out")
	cleanup "cdisk close '$file' --no-input"
}
# mounted FILE [OPTION...]: mounts it, the mount point is in $mnt
mounted() {
	local file=$1
	shift
	ck mount "$file" -d "$KEY" --no-input "$@"
	mnt=$(tail -n 1 "$out")
	cleanup "cdisk umount '$file' --no-input --force"
}
# server_pid FILE: of the server that has this container, from mountinfo
server_pid() {
	local dev ino
	dev=$(($(stat -c '0x%D' "$1"))) ino=$(stat -c %i "$1")
	"$PYTHON" - "$dev" "$ino" <<'PY'
import sys
for line in open("/proc/self/mountinfo"):
    fields = line.split(" - ")[1].split()
    if fields[0] == "fuse.cryptdisk":
        part = fields[1].split(":")
        if part[2:4] == sys.argv[1:3]:
            print(part[4])
            break
PY
}
# server_dir FILE: the directory where its disk, info and control are
server_dir() {
	local dev ino
	dev=$(($(stat -c '0x%D' "$1"))) ino=$(stat -c %i "$1")
	awk -v tail=":$dev:$ino:" 'index($0, tail) && / fuse.cryptdisk / { print $5; exit }' \
		/proc/self/mountinfo
}
# is_attached FILE: it has a server, a loop device, or is open by what the program says
is_attached() {
	[[ -z $(server_pid "$1") && -z $(losetup -j "$1" 2>/dev/null) ]] || return 0
	[[ $BACKEND != fuse ]] || return 1
	"$CRYPTDISK" list --json >"$T/.list" || fail "list: $(<"$T/.list")"
	grep -qE "\"ino\": *$(stat -c %i "$1")\\b" "$T/.list"
}
nothing_left() { # FILE
	! is_attached "$1" || fail "$1 is still attached"
}
disk_size() { if [[ -b $1 ]]; then blockdev --getsize64 "$1"; else stat -Lc %s "$1"; fi; }
digest() { sha256sum <"$1" | cut -d' ' -f1; }

# unpack ARCHIVE: one of the data archives, into $T
unpack() {
	requires_data
	requires xz
	tar -xSf "$DATA/images/$1.tar.xz" -C "$T"
}
# in_background CMD...: its pid is in $background; a shell would let it ignore SIGINT
in_background() {
	env --default-signal=INT "$@" >"$T/.background.out" 2>"$T/.background.err" </dev/null &
	background=$!
	cleanup "kill -KILL $background"
}
# ended_with CODE: the background command's status
ended_with() {
	local status=0
	wait "$background" || status=$?
	((status == $1)) || fail "exit $status, expected $1: $(head -n 5 "$T/.background.err")"
}
# unchanged_by FILE CODE CMD...: ends with CODE within ten seconds and leaves FILE as it is
unchanged_by() {
	local file=$1 want=$2 before
	shift 2
	before=$(digest "$file")
	expect_exit "$want" timeout 10 "$@"
	expect_equal "$(digest "$file")" "$before" "$file was changed"
}
edit_luks2() { "$PYTHON" "$CRYPTDISK_PREFIX/tests/cli/luks2_edit.py" "$@"; }
# typed ANSWER... -- CMD...: CMD on a terminal, what it showed is on stdout
typed() { "$PYTHON" "$CRYPTDISK_PREFIX/tests/cli/typed.py" "$@"; }
# second_key: another secret in $KEY2
second_key() {
	KEY2=$T/key2
	printf 'another passphrase' >"$KEY2"
}
# opens_with FILE KEYFILE, closed_to FILE KEYFILE: what a keyslot says
opens_with() { ck key test "$1" -d "$2" --no-input; }
closed_to() { expect_exit 2 "$CRYPTDISK" key test "$1" -d "$2" --no-input; }
# cryptsetup_opens FILE KEYFILE
cryptsetup_opens() {
	requires cryptsetup
	ok /usr/sbin/cryptsetup open --test-passphrase --key-file "$2" "$1"
}
# kill_server FILE SIGNAL: and, for KILL, until it has gone
kill_server() {
	local pid
	pid=$(server_pid "$1")
	[[ -n $pid ]] || fail "$1 has no server"
	kill "-$2" "$pid"
	[[ $2 != KILL ]] || wait_for 5 gone "$pid"
}
# sync_errors FILE: fsync of it must fail within five seconds
sync_fails() {
	local status=0
	timeout 5 "$PYTHON" - "$1" <<'PY' || status=$?
import os, sys
try:
    fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
    os.write(fd, b"x" * 4096)
    os.fsync(fd)
except OSError as e:
    sys.exit(7)
PY
	((status == 7)) || fail "fsync after the server's end gave $status"
}
# killed_at N CALLS CMD...: CMD is killed at the N-th of these system calls; fails when it made fewer
killed_at() {
	local n=$1 calls=$2 status=0
	shift 2
	{
		strace -qq -o /dev/null -e trace="$calls" -e inject="$calls:signal=KILL:when=$n" "$@" \
			>"$out" 2>"$err" </dev/null
	} 2>/dev/null || status=$?
	((status == 137))
}
requires_strace() {
	requires strace
	strace -qq -o /dev/null true 2>/dev/null || skip "strace cannot trace here"
}
# traced OPTIONS -- CMD...: strace follows CMD and its children into $T/trace until CMD has printed
# its result; the server that stays is let go
traced() {
	local options=()
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	: >"$T/.background.out"
	in_background strace -I anywhere -f -qq -o "$T/trace" "${options[@]}" "$@"
	wait_for 60 test -s "$T/.background.out"
	kill -TERM "$background"
	wait "$background" || true
}
