#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# module.sh KERNEL SOURCE FOLDER [MAKE ARGUMENT...]: builds the module of SOURCE for this kernel,
# outside SOURCE, and puts the .ko and the kernel's module index that knows it below FOLDER.
. "$(dirname "$0")/lib.sh"
kernel=$1 source=$(cd "$2" && pwd) folder=$3
shift 3
version=$(<"$kernel/KVER")
modules=$folder/usr/lib/modules/$version
build=$(mktemp -d "$CACHE/new-module.XXXXXX")
trap 'rm -rf "$build"' EXIT
trap 'exit 143' INT TERM HUP

cp -r "$source" "$build/module"
# The headers of 6.12 bring a vmlinux, for which modpost would want pahole.
make -s -C "$kernel/build" M="$build/module" CONFIG_DEBUG_INFO_BTF_MODULES= "$@" modules >&2

mkdir -p "$modules/updates" "$build/all/lib/modules"
cp -alL "$kernel/lib/modules/$version" "$build/all/lib/modules/" 2>/dev/null ||
	cp -rL "$kernel/lib/modules/$version" "$build/all/lib/modules/"
mkdir -p "$build/all/lib/modules/$version/updates"
cp "$build"/module/*.ko "$build/all/lib/modules/$version/updates/"
# What depmod writes must not be written into the kernel's own files, of which these are links.
find "$build/all/lib/modules/$version" -maxdepth 1 -name 'modules.*' ! -name '*.order' \
	! -name '*.builtin' ! -name '*.modinfo' -delete
depmod -b "$build/all" "$version"
cp "$build/all/lib/modules/$version"/modules.* "$modules/"
cp "$build"/module/*.ko "$modules/updates/"
