# SPDX-License-Identifier: GPL-2.0-or-later
# Shells complete directories with a slash; a stopped server is not asked about it either.
backend fuse
requires_fuse
new_container box.img
mounted box.img
ck list --json
place=$(json 'volumes[0].mountpoint')
kill -STOP "$(json 'volumes[0].server_pid')"
expect_exit 0 timeout -s KILL 20 "$CRYPTDISK" umount --force "$place/"
nothing_left box.img
