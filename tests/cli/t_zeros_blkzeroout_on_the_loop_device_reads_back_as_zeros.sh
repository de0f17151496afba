# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires_loop
new_container box.img --fs none
open_disk box.img
head -c 8M /dev/urandom >noise
dd if=noise of="$disk" bs=1M conv=notrunc,fsync status=none
node=$(losetup --find --show --direct-io=on --sector-size 4096 "$disk")
cleanup "losetup -d $node"
"$PYTHON" - "$node" <<'PY'
import fcntl, os, struct, sys
fd = os.open(sys.argv[1], os.O_RDWR)
fcntl.ioctl(fd, 0x127f, struct.pack("QQ", 1 << 20, 4 << 20))  # BLKZEROOUT
os.fsync(fd)
PY
blockdev --flushbufs "$node"
expect_equal "$(dd if="$node" bs=1M skip=1 count=4 iflag=direct status=none | tr -d '\0' | wc -c)" 0
cmp -n 1048576 noise "$node"
cmp -i 5242880 -n 3145728 noise "$node"
losetup -d "$node"
wait_for 5 eval '! losetup $node'
ck close box.img
