# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the scripts of this folder. They write below $CACHE and nowhere else; all of it may be
# deleted at any time.
set -eEuo pipefail
trap 'echo "vm: ${0##*/}: line $LINENO failed: $BASH_COMMAND" >&2' ERR
VM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TREE=$(cd "$VM/../.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/cryptdisk-vm
mkdir -p "$CACHE"
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
umask 022

step() { printf 'vm [%3ds] %s\n' "$SECONDS" "$*" >&2; }
die() {
	printf 'vm: %s\n' "$*" >&2
	exit 2
}

# scratch VAR NAME: a new folder in VAR, beside what it will become, removed when the script ends
scratch() {
	printf -v "$1" %s "$(mktemp -d "$CACHE/new-$2.XXXXXX")"
	# shellcheck disable=SC2064 # the folder of now
	trap "rm -rf '${!1}'" EXIT
	trap 'exit 143' INT TERM HUP
}

# made_once RESULT CMD...: CMD writes RESULT unless it is there; of several callers one does it, and
# nobody sees half of it, because CMD moves it into place as a whole
made_once() {
	local result=$1
	shift
	[[ -e $result ]] && return 0
	(
		exec {lock}>"$CACHE/lock-$(basename "$result")"
		flock "$lock"
		[[ -e $result ]] || "$@" {lock}>&-
	) >&2
	[[ -e $result ]] || die "$(basename "$result") was not made"
}

# digest [FILE...]: of names and contents, 12 letters
digest() { sha256sum "$@" | sha256sum | head -c 12; }

# apt FOLDER ARGUMENT...: on a machine that has nothing installed; needs no root
apt() {
	local folder=$1
	shift
	mkdir -p "$folder/archives/partial"
	apt-get -qq -o Dir::State::status=/dev/null -o Dir::Cache="$folder" \
		-o Dir::Log="$folder" -o APT::Install-Recommends=false -o APT::Sandbox::User=root \
		-o Debug::NoLocking=1 "$@"
}

# squash FOLDER IMAGE: compressed so that an emulated processor unpacks it quickly
squash() {
	mksquashfs "$1" "$2" -quiet -no-progress -noappend -all-root -comp lz4 >/dev/null
}
