# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
. "${BASH_SOURCE[0]%/*}/lib.sh"
need_module
BACKEND=kmod
new_container box.img
listening
mounted box.img --backend kmod
wait_for 30 has_told mounted 1
index=$(basename "$(readlink -f /dev/disk/by-id/cryptdisk-"$("$CRYPTDISK" id show box.img)")")
end_is_told_once media-gone cdkctl detach -f "$index"
