# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 300
. /t/suites/backends/lib.sh
space() { stat -c %b "$1"; }
trims() {
	local fs before full
	for fs in $(filesystems ext4 xfs); do
		box "$fs.img" "$fs" 320M
		mounts "$fs.img"
		mkdir "$mnt/kept"
		for i in 1 2 3 4; do
			dd if=/dev/urandom of="$mnt/kept/$i" bs=1M count=1 status=none
			dd if=/dev/urandom of="$mnt/goes$i" bs=1M count=12 status=none
		done
		sync
		full=$(space "$fs.img")
		(cd "$mnt/kept" && sha256sum ./*) >sums
		rm "$mnt"/goes*
		sync
		ck trim "$fs.img" --no-input
		(($(space "$fs.img") < full - 2 * 40 * 1024)) || fail "$full, then $(space "$fs.img")"
		echo 3 >/proc/sys/vm/drop_caches
		(cd "$mnt/kept" && sha256sum -c --quiet) <sums
		unmount "$fs.img"
		ck fsck "$fs.img" -d "$KEY" --no-input
		mounts "$fs.img"
		(cd "$mnt/kept" && sha256sum -c --quiet) <sums
		unmount "$fs.img"
		rm "$fs.img"
	done
}
each trims
