#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The public header and the module's ABI compile alone as C99 and as C++11, and include nothing but
# what they say.
set -eu
flags=(-Wall -Wextra -pedantic -Werror -fsyntax-only -I libcontainer/include -I build/include)
for compiler in gcc clang; do
	"$compiler" -std=c99 "${flags[@]}" tests/arch/header_only.c
done
for compiler in g++ clang++; do
	"$compiler" -std=c++11 "${flags[@]}" tests/arch/header_only.cpp
done
for language in c c++; do
	for compiler in gcc clang; do
		"$compiler" -x "$language" -Wall -Wextra -Wpadded -Werror -fsyntax-only -I kmod/uapi \
			-include linux/cryptdisk.h -include linux/cryptdisk.h /dev/null
	done
done
if grep -E '^#include' kmod/uapi/linux/cryptdisk.h | grep -vE '<linux/(ioctl|types)\.h>'; then
	exit 1
fi
if grep -nE '\bchar \*|path\[' kmod/uapi/linux/cryptdisk.h; then
	exit 1 # descriptors only (H1)
fi
extra=$(grep -E '^#include' libcontainer/include/cryptdisk/cryptdisk.h |
	grep -vE '<(stddef\.h|stdint\.h|cryptdisk/version\.h)>') || exit 0
echo "cryptdisk.h includes $extra"
exit 1
