# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
created_new_container box
mounted box
echo text >"$mnt/file"
ck umount box --no-input
mounted box
expect_equal "$(cat "$mnt/file")" text
