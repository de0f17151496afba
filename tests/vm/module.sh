#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# module.sh KERNEL SOURCE: builds the module of SOURCE for this kernel, outside SOURCE. Prints a folder
# with the .ko and the kernel's module index that knows it, made once for each state of the source.
. "$(dirname "$0")/lib.sh"
kernel=$1 source=$(cd "$2" && pwd)
version=$(<"$kernel/KVER")
result=$CACHE/module-$(cd "$source" && find . -type f | sort | xargs sha256sum | cat - "$kernel/KVER" \
	"$VM/module.sh" | digest)

# The kernel's modules and the new one, as links, so that depmod sees all of them.
index() { # ALL MODULES
	local all=$1/lib/modules/$version
	mkdir -p "$1/lib/modules"
	cp -alL "$kernel/lib/modules/$version" "$1/lib/modules/" 2>/dev/null ||
		cp -rL "$kernel/lib/modules/$version" "$1/lib/modules/"
	# What depmod writes must not be written into the kernel's own files.
	find "$all" -maxdepth 1 -name 'modules.*' ! -name '*.order' ! -name '*.builtin' \
		! -name '*.modinfo' -delete
	cp -r "$2/updates" "$all/"
	depmod -b "$1" "$version"
	cp "$all"/modules.* "$2/"
}

make_module() {
	scratch folder module
	local modules=$folder/out/usr/lib/modules/$version
	find "$CACHE" -maxdepth 1 -name 'module-*' -mtime +2 -exec rm -rf {} +
	cp -r "$source" "$folder/source"
	# The headers of 6.12 bring a vmlinux, for which modpost would want pahole.
	make -s -C "$kernel/build" M="$folder/source" CONFIG_DEBUG_INFO_BTF_MODULES= modules
	mkdir -p "$modules/updates"
	cp "$folder"/source/*.ko "$modules/updates/"
	index "$folder/all" "$modules"
	mv "$folder/out" "$result"
}

made_once "$result" make_module
echo "$result"
