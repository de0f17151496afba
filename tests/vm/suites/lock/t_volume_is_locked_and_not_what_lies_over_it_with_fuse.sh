# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
# LONG
. "${BASH_SOURCE[0]%/*}/lib.sh"
not_what_is_mounted_over_it fuse
