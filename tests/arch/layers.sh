#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The floors: an include may not point up, nor from one room of a floor into another; a library
# is included only by the files that own it.
set -u
bad=0
complain() { echo "$*" && bad=1; }

floors=(base crypto format volume backend mount)
declare -A height=()
for i in "${!floors[@]}"; do
	height[${floors[i]}]=$i
done

# Files that do one technology each: they meet in their floor's header only.
room_of() { # FLOOR FILE
	case $1/$2 in
	format/luks* | format/tcrypt* | format/bitlk*) ;;
	backend/kmod* | backend/loop* | backend/fuse*) ;;
	*) return 1 ;;
	esac
	sed -E 's/^(luks|tcrypt|bitlk|kmod|loop|fuse).*/\1/' <<<"$2"
}

check_include() { # FLOOR FILE INCLUDED
	local floor=$1 file=$2 included=$3 theirs
	theirs=${included%%/*}
	[[ $included == cryptdisk/* ]] && return
	if [[ $included != */* || -z ${height[$theirs]-} ]]; then
		complain "$floor/$file: \"$included\" is no header of a floor"
		return
	fi
	((height[$theirs] <= height[$floor])) || complain "$floor/$file: \"$included\" points up"
	local mine other
	if [[ $theirs == "$floor" ]] && mine=$(room_of "$floor" "$file") &&
		other=$(room_of "$floor" "${included#*/}") && [[ $mine != "$other" ]]; then
		complain "$floor/$file: \"$included\" is another room of the same floor"
	fi
}

includes() { sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"([^"]+)".*/\1/p' "$1"; }
systems() { sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*<([^>]+)>.*/\1/p' "$1"; }

for floor in "${floors[@]}"; do
	for path in libcontainer/"$floor"/*.[ch]; do
		for included in $(includes "$path"); do
			check_include "$floor" "${path##*/}" "$included"
		done
	done
done

# cli/ proper has its own headers and the public one, the server the lowest three floors.
for path in cli/*.[ch]; do
	[[ -e $path ]] || continue
	for included in $(includes "$path"); do
		[[ -e cli/$included ]] || complain "$path: \"$included\" is not its own"
	done
done
for path in cli/serve/*.[ch]; do
	[[ -e $path ]] || continue
	for included in $(includes "$path"); do
		[[ $included =~ ^(base|crypto|volume|serve)/ || -e cli/serve/$included ]] ||
			complain "$path: \"$included\" is above the server"
	done
done

# Which files may include a library; patterns of paths.
owners() {
	case $1 in
	gcrypt.h) echo 'libcontainer/crypto/*.[ch]' ;;
	libcryptsetup.h) echo 'libcontainer/format/luks*.[ch]|libcontainer/format/bitlk*.[ch]|libcontainer/backend/dmcrypt.c' ;;
	json-c/* | json.h) echo 'libcontainer/format/luks2_json.c|cli/output.c|cli/serve/info.c' ;;
	ini_*.h) echo 'cli/definition.c' ;;
	blkid/* | blkid.h) echo 'libcontainer/mount/probe.c' ;;
	libmount/* | libmount.h) echo 'libcontainer/mount/*.[ch]' ;;
	ext2fs/* | et/*) echo 'libcontainer/mount/*.[ch]' ;;
	fuse*) echo 'cli/serve/*.[ch]' ;;
	seccomp.h | linux/seccomp.h) echo 'cli/serve/sandbox.c' ;;
	curl/* | openssl/* | sodium* | argon2.h | systemd/*) echo 'none' ;;
	*) return 1 ;;
	esac
}
while read -r path; do
	for header in $(systems "$path"); do
		pattern=$(owners "$header") || continue
		mine=0
		IFS='|' read -ra allowed <<<"$pattern"
		for one in "${allowed[@]}"; do
			# shellcheck disable=SC2053 # a pattern
			[[ $path == $one ]] && mine=1
		done
		((mine)) || complain "$path: <$header> belongs to $pattern"
	done
done < <(git ls-files -co --exclude-standard 'libcontainer/*.[ch]' 'cli/*.[ch]')
exit $bad
