#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The process that holds the keys carries no library that it does not need, and the program sees
# nothing of the library but its exports.
set -u
server=$(find build -type f -name cryptdisk-serve -perm -u+x | head -n 1)
program=$(find build -type f -name cryptdisk -perm -u+x | head -n 1)
[[ -n $server && -n $program ]] || { echo "the programs were not built"; exit 1; }
bad=0

foreign='libcryptsetup|libcurl|libblkid|libmount|libcrypto|libssl|libdevmapper|libext2fs|libcryptdisk'
found=$(ldd "$server" | grep -E "$foreign") && echo "cryptdisk-serve carries: $found" && bad=1
ldd "$server" | grep -q libgcrypt || { echo "cryptdisk-serve has no cipher library"; bad=1; }

needed() { readelf -d "$1" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]/\1/p'; }
extra=$(needed "$program" | grep -vE '^(libcryptdisk\.so\.0|libjson-c\.so\..*|libini_config\.so\..*|libc\.so\.6|ld-linux.*)$') &&
	echo "cryptdisk is linked with: $extra" && bad=1

for file in "$server" "$program" "$(find build -name libcryptdisk.so.0)"; do
	readelf -d "$file" | grep -q 'BIND_NOW\|NOW' || { echo "$file: not bound at start"; bad=1; }
	readelf -lW "$file" | grep -q 'GNU_STACK.*RWE' && { echo "$file: stack is executable"; bad=1; }
done
exit $bad
