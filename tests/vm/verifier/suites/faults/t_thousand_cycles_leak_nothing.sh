# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 200
udevadm control --stop-exec-queue # or udev has the disk open when it should be idle
cleanup "udevadm control --start-exec-queue"
kmemleak_clear
truncate -s 8M file
cdkfaults cycles 1000 file
kmemleak_scan
