# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
. "${BASH_SOURCE[0]%/*}/lib.sh"
new_container box.img
listening
mounted box.img --backend loop
wait_for 30 has_told mounted 1
umount "$mnt"
wait_for 30 has_told unmounted 1
grep '"unmounted"' "$events" >line
expect_equal "$(json reason line) $(json volume.state line)" "lost unlocked"
ck close box.img
wait_for 30 has_told departed 1
expect_equal "$(story)" "arrived unlocked linked mounted unmounted locked departed:user"
