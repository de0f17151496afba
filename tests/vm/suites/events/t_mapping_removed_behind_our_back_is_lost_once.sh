# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
. "${BASH_SOURCE[0]%/*}/lib.sh"
BACKEND=loop
new_container box.img
listening
open_disk box.img --backend loop
wait_for 30 has_told linked 1
end_is_told_once lost dmsetup remove --retry "cryptdisk-$("$CRYPTDISK" id show box.img)"
