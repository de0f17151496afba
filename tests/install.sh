#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An installation works from wherever its prefix lies, also after that was moved, and other
# programs build against it through pkg-config.
set -eu
prefix=$(mktemp -d)
trap 'rm -rf "$prefix" "$prefix.moved"' EXIT
cmake --install build --prefix "$prefix" >/dev/null
"$prefix/bin/cryptdisk" version
[[ -n $(find "$prefix" -path '*libexec*/cryptdisk/cryptdisk-serve' -perm -u+x) ]]
[[ -n $(find "$prefix" -path '*/man8/cryptdisk.8') ]]
cmp cli/udev/61-cryptdisk.rules "$prefix/lib/udev/rules.d/61-cryptdisk.rules"

mv "$prefix" "$prefix.moved"
"$prefix.moved/bin/cryptdisk" version >/dev/null
if readelf -d "$prefix.moved/bin/cryptdisk" | grep -F "$PWD"; then
	echo "the installed program looks for its library in the build folder"
	exit 1
fi
if grep -rlF "$PWD" "$prefix.moved" --include='*.pc' --include='*.h' --include='*.json' | grep .; then
	echo "an installed file names the build folder"
	exit 1
fi

folder=$(dirname "$(find "$prefix.moved" -name libcryptdisk.pc)")
export PKG_CONFIG_PATH=$folder
program=$prefix.moved/program
# shellcheck disable=SC2046 # flags are words
gcc -std=c99 -Wall -Werror tests/arch/header_only.c -o "$program" \
	$(pkg-config --cflags --libs libcryptdisk)
LD_LIBRARY_PATH=$(dirname "$folder") "$program"
[[ $(pkg-config --modversion libcryptdisk) == "$("$prefix.moved/bin/cryptdisk" version --json |
	python3 -c 'import json, sys; print(json.load(sys.stdin)["library"])')" ]]
