# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
. "${BASH_SOURCE[0]%/*}/lib.sh"
open_and_close_is_one_story kmod
