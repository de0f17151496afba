# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
# LONG
. "${BASH_SOURCE[0]%/*}/lib.sh"
eject_takes_it_away fuse
