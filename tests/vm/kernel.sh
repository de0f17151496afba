#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel.sh [FLAVOUR]: prints the folder of Debian's newest kernel of this flavour (cloud-amd64,
# 6.12-cloud-amd64), with vmlinuz, build (headers), KVER, and modules.squashfs. Downloaded as this
# machine's apt sources have it; nothing is installed, no root is needed.
. "$(dirname "$0")/lib.sh"
flavour=${1:-cloud-amd64}
result=$CACHE/kernel-$flavour

# packages: image and headers that the flavour's meta packages name, and what these need to build
packages() {
	apt "$scratch/apt" -s install "linux-image-$flavour" "linux-headers-$flavour" |
		awk '$1 == "Inst" && $2 ~ /^linux-(image|headers|kbuild|modules|binary)-/ { print $2 }'
}

# The header packages name each other by absolute path.
relocate() { # HEADERS
	local link
	{ grep -rlE --include=Makefile --include=.kernelvariables '/usr/(src|lib)/linux-' "$scratch/k/usr/src" || true; } |
		xargs -r sed -i -E "s#/usr/(src|lib)/linux-#$result/usr/\\1/linux-#g"
	find "$scratch/k/usr/src" -maxdepth 2 -type l -lname '/*' | while read -r link; do
		ln -sfn "$result$(readlink "$link")" "$link"
	done
}

make_kernel() {
	step "Debian's kernel, flavour $flavour"
	scratch scratch kernel
	local names deb version k=$scratch/k
	mapfile -t names < <(packages)
	((${#names[@]})) || die "this machine's apt sources have no linux-image-$flavour"
	mkdir -p "$k" "$scratch/debs"
	(cd "$scratch/debs" && apt "$scratch/apt" download "${names[@]}")
	for deb in "$scratch"/debs/*.deb; do dpkg-deb -x "$deb" "$k"; done
	version=$(basename "$k"/boot/vmlinuz-*)
	version=${version#vmlinuz-}
	relocate
	[[ -d $k/lib/modules ]] || ln -sfn usr/lib "$k/lib"
	rm -f "$k/lib/modules/$version"/{build,source}
	ln -sfn "usr/src/linux-headers-$version" "$k/build"
	ln -sfn "boot/vmlinuz-$version" "$k/vmlinuz"
	depmod -b "$k" "$version"
	mkdir -p "$scratch/modules/usr/lib/modules"
	cp -al "$k/lib/modules/$version" "$scratch/modules/usr/lib/modules/"
	squash "$scratch/modules" "$k/modules.squashfs"
	echo "$version" >"$k/KVER"
	mv "$k" "$result"
	step "kernel $version"
}

made_once "$result" make_kernel
echo "$result"
