# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by every test of this suite.
need_module

RDONLY=1 AUTOCLEAR=2 NODISCARD=4 DUP_ID=8 REMOVABLE=16 DIRECT=32 EJECTING=64 MOUNTED=128

# gives ERROR CMD...: CMD is refused with this error
gives() {
	local want=$1 got
	shift
	got=$("$@" 2>&1) && fail "done, expected $want: $*"
	[[ $got == "$want" ]] || fail "$got, expected $want: $*"
}

# refused CMD...: it fails
refused() { ! "$@" || fail "done, and should not: $*"; }

# backing NAME SIZE: a new file of zeros, all its blocks there
backing() { fallocate -l "$2" "$1"; }

# attach OPTION... FILE: a disk in $disk, $index and $generation, forced away at the end
attach() {
	local reply
	reply=$(cdkctl attach "$@") || fail "attach $*: $reply"
	read -r index generation <<<"$reply"
	disk=/dev/cryptdisk$index sys=/sys/block/cryptdisk$index
	cleanup "cdkctl detach -f -g $generation $index"
}
# detach [OPTION...] INDEX: once nobody has it open any more; udev looks at every new disk
detach() {
	local said end=$((SECONDS + 30))
	until said=$(cdkctl detach "$@"); do
		[[ $said == EBUSY ]] && ((SECONDS < end)) || fail "detach $*: $said"
		udevadm settle -t 3 || true
	done
}
is_gone() { ! cdkctl status "$1" >/dev/null; }
is_dying() { [[ $(cdkctl detach "$1") == EALREADY ]]; }

# field NAME [INDEX]: of STATUS
field() { cdkctl status "${2-$index}" | sed -n "s/^$1=//p"; }
# flag BIT [INDEX]
flag() { (($(field flags "${2-$index}") & $1)); }

# listen [OPTION...]: writes events to $T/events until heard
listen() {
	cdkevents "$@" "$T/listening" >"$T/events" &
	listener=$!
	cleanup "kill -KILL $listener"
	wait_for 20 test -e "$T/listening"
}
# heard: the listener has read all there is, in order
heard() {
	kill -TERM "$listener" || true # it may have ended, with a reason
	wait "$listener" || fail "$(tail -n 1 "$T/events")"
}
# names [INDEX]: of the events heard, in one line
names() { awk -v i="${1-$index}" '$3 ~ /^[A-Z_]+$/ && $5 == i { printf "%s%s", s, $3; s = " " }' "$T/events"; }
