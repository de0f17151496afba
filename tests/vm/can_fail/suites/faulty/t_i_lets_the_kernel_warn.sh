# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
echo "<4>WARNING: CPU: 0 PID: 1 at mm/util.c:1 imitated" >/dev/kmsg
