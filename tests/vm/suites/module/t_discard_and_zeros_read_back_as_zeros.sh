# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
mkdir tmpfs
mount -t tmpfs tmpfs tmpfs
cleanup "umount tmpfs"
head -c 4M /dev/zero | tr '\0' x >pattern
for file in image tmpfs/image; do
	for direct in '' -d; do
		[[ $file$direct != tmpfs/image-d ]] || continue # it has no O_DIRECT
		cp pattern $file
		attach $direct $file
		before=$(stat -c %b $file)
		blkdiscard -o 1M -l 1M "$disk"
		(($(stat -c %b $file) < before)) || fail "$file: nothing was given back"
		blkdiscard -z -o 2M -l 1M "$disk"
		dd if="$disk" of=read bs=1M count=4 iflag=direct status=none
		cmp <(head -c 1M pattern; head -c 2M /dev/zero; head -c 1M pattern) read
		cmp $file read
		expect_equal "$(field io_errors)" 0
		detach "$index"
	done
done
attach -f $NODISCARD image
expect_equal "$(<"$sys/queue/discard_max_bytes")" 0
refused blkdiscard "$disk" 2>/dev/null
