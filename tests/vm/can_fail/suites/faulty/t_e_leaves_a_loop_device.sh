# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
truncate -s 1M file
losetup -f file
