# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 200
# KERNEL MAY SAY kobject_add_internal failed for .* [(]error: -12 |kobject_create_and_add: kobject_add error: -12
udevadm control --stop-exec-queue # or udev has the disk open when it should be idle
cleanup "udevadm control --start-exec-queue"
kmemleak_clear
for what in attach detach force; do cdkfaults -d $what /dev/vdb; done
kmemleak_scan
