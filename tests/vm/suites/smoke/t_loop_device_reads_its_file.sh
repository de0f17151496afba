# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
dd if=/dev/urandom of=file bs=1M count=4 status=none
loop_of file
cmp file "$loop"
