# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
[[ ! -e /dev/mapper/faulty ]]
! losetup -a | grep .
