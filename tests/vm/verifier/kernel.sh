#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel.sh: prints the folder of a kernel with kernel.config, built from Debian's source
# package of it. That takes five minutes of two processors, once.
. "$(dirname "$0")/../lib.sh"
result=$CACHE/kernel-verifier-$(digest <"$VM/verifier/kernel.config")

source_package() {
	apt "$scratch/apt" -s install linux-source | awk '$1 == "Inst" && $2 ~ /^linux-source-/ { print $2 }'
}

unpack_source() {
	local package
	package=$(source_package)
	[[ -n $package ]] || die "this machine's apt sources have no linux-source"
	mkdir -p "$scratch/deb" "$scratch/source"
	(cd "$scratch/deb" && apt "$scratch/apt" download "$package")
	dpkg-deb --fsys-tarfile "$scratch"/deb/*.deb | tar -x -O "./usr/src/$package.tar.xz" |
		tar -x -J --strip-components=1 -C "$scratch/source"
	rm -rf "$scratch/deb"
}

make_in() { make -s -C "$scratch/source" ARCH=x86 O="$scratch/k/build" "$@"; }

configure() {
	local option
	make_in allnoconfig
	"$scratch/source/scripts/kconfig/merge_config.sh" -m -O "$scratch/k/build" \
		"$scratch/k/build/.config" "$VM/verifier/kernel.config" >/dev/null
	make_in olddefconfig
	while read -r option; do
		grep -qx "$option" "$scratch/k/build/.config" || echo "refused: $option"
	done < <(grep '^CONFIG_' "$VM/verifier/kernel.config")
}

# The kernel's build folder has its source's path in it: both stay where they are built.
make_kernel() {
	scratch=$CACHE/verifier-$(basename "$result")
	rm -rf "$scratch"
	mkdir -p "$scratch/k/build"
	step "source of the verifier's kernel"
	unpack_source
	configure
	step "building the verifier's kernel, log in $scratch/make.log"
	make_in -j"$(nproc)" bzImage modules >"$scratch/make.log" 2>&1
	make_in INSTALL_MOD_PATH="$scratch/k" modules_install >>"$scratch/make.log" 2>&1
	rm -f "$scratch"/k/lib/modules/*/{build,source}
	mkdir -p "$scratch/modules/usr"
	cp -r "$scratch/k/lib" "$scratch/modules/usr/lib"
	squash "$scratch/modules" "$scratch/k/modules.squashfs"
	ln -s build/arch/x86/boot/bzImage "$scratch/k/vmlinuz"
	make_in kernelrelease >"$scratch/k/KVER"
	ln -s "$scratch/k" "$result"
	step "built"
}

made_once "$result" make_kernel
echo "$result"
