# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 3600
. "${BASH_SOURCE[0]%/*}/lib.sh"
synced_files_survive kmod
