# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
. "${BASH_SOURCE[0]%/*}/lib.sh"
new_container box.img
listening
mounted box.img --backend loop
wait_for 30 has_told mounted 1
mount -o remount,ro "$mnt"
wait_for 30 has_told read-only 1
ck umount box.img
wait_for 30 has_told departed 1
expect_equal "$(told read-only) $(told departed)" "1 1"
# One that is mounted so has not become so.
mounted box.img --backend loop --readonly
ck umount box.img
wait_for 30 has_told departed 2
expect_equal "$(told read-only)" 1
