# SPDX-License-Identifier: GPL-2.0-or-later
backend fuse
requires_fuse
new_container box.img --fs none --size 200M
open_disk box.img
dd if=/dev/urandom of="$disk" bs=1M count=150 conv=notrunc status=none
pid=$(server_pid box.img)
peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")
((peak < 20 * 1024)) || fail "$peak KiB"
