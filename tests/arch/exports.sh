#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the library exports, what the map lists and what the public header declares are the same.
set -u
library=$(find build -name 'libcryptdisk.so.0' | head -n 1)
[[ -n $library ]] || { echo "no library was built"; exit 1; }

exported=$(nm -D --defined-only "$library" | awk '$2 ~ /[TDBRVW]/ { sub(/@.*/, "", $3); print $3 }' |
	sort -u)
mapped=$(grep -oE '^[[:space:]]+cdisk_[a-z0-9_]+;' libcontainer/libcryptdisk.map | tr -d '\t ;' |
	sort -u)
declared=$(sed -E 's://.*$::' libcontainer/include/cryptdisk/cryptdisk.h | tr '\n' ' ' |
	sed 's:/\*:\n&:g; s:\*/:&\n:g' | grep -v '^/\*' | grep -oE '\bcdisk_[a-z0-9_]+ *\(' |
	tr -d ' (' | sort -u)

bad=0
compare() { # NAME LIST NAME LIST
	local difference
	difference=$(comm -3 <(echo "$2") <(echo "$4"))
	[[ -z $difference ]] && return
	echo "only in $1, and (indented) only in $3:"
	echo "$difference"
	bad=1
}
[[ -n $exported && -n $mapped && -n $declared ]] || bad=1
compare exports "$exported" map "$mapped"
compare map "$mapped" header "$declared"
exit $bad
