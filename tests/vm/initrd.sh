#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# initrd.sh KERNEL ROOT OUT: a small first root that puts the layers together and hands over.
. "$(dirname "$0")/lib.sh"
kernel=$1 root=$2 out=$3
scratch d initrd
mkdir -p "$d"/{bin,dev,proc,sys,run,layers,modules}
unsquashfs -cat "$root" usr/bin/busybox >"$d/bin/busybox"
install -m 755 "$VM/guest/init" "$d/init"
chmod 755 "$d/bin/busybox"
ln -s busybox "$d/bin/sh"
for module in virtio_pci virtio_blk virtio_console squashfs overlay ext4; do
	{ modprobe -d "$kernel" -S "$(<"$kernel/KVER")" --show-depends "$module" 2>/dev/null || true; } |
		awk '$1 == "insmod" { print $2 }'
done | awk '!seen[$0]++' | while read -r file; do
	cp "$file" "$d/modules/"
	basename "$file"
done >"$d/modules/order"
(cd "$d" && find . | sort | cpio -o -H newc --quiet -R 0:0) >"$out"
