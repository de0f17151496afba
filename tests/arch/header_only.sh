#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The public header compiles alone as C99 and as C++11, and includes nothing but what it says.
set -eu
flags=(-Wall -Wextra -pedantic -Werror -fsyntax-only -I libcontainer/include -I build/include)
for compiler in gcc clang; do
	"$compiler" -std=c99 "${flags[@]}" tests/arch/header_only.c
done
for compiler in g++ clang++; do
	"$compiler" -std=c++11 "${flags[@]}" tests/arch/header_only.cpp
done
extra=$(grep -E '^#include' libcontainer/include/cryptdisk/cryptdisk.h |
	grep -vE '<(stddef\.h|stdint\.h|cryptdisk/version\.h)>') || exit 0
echo "cryptdisk.h includes $extra"
exit 1
