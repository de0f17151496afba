# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. "${BASH_SOURCE[0]%/*}/lib.sh"
key_is_out_of_the_kernel kmod
