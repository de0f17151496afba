# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
# LONG
. "${BASH_SOURCE[0]%/*}/lib.sh"
what_a_killed_lock_left_frozen fuse
