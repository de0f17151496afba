# SPDX-License-Identifier: GPL-2.0-or-later
# A loop device fills what its file lacks with zeros.
backend fuse kmod
requires_fuse
new_container box.img --fs none
open_disk box.img
truncate -s 20M box.img
status=0
dd if="$disk" of=/dev/null bs=1M skip=30 count=1 iflag=direct 2>"$err" || status=$?
((status)) || fail "read beyond the file's end"
expect_stderr 'Input/output error'
dd if="$disk" of=/dev/null bs=1M count=1 status=none
is_attached box.img
truncate -s 64M box.img
ck close box.img
