# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
mkfs.ext4 -q -F /dev/vdb
mkdir below
mount /dev/vdb below
cleanup "umount below"
for direct in '' -d; do
	backing below/image 4M
	attach $direct below/image
	fsfreeze --freeze below
	cleanup "fsfreeze --unfreeze below"
	dd if=/dev/urandom of="$disk" bs=64k count=8 conv=fsync 2>/dev/null &
	writer=$!
	wait_for 20 awk '{ exit !($1 + $2) }' "$sys/inflight"
	cdkctl status "$index" >/dev/null
	backing other 1M
	read -r second _ < <(cdkctl attach -i 2 other)
	detach -f "$second"
	fsfreeze --unfreeze below
	wait $writer || fail "the writer failed"
	wait_for 20 cdkctl detach "$index"
done
