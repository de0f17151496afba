# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
new_container box.img --label papers
mounted box.img --owner 1234
expect_equal "$mnt" /run/cryptdisk/mnt/1234/papers
expect_equal "$(stat -c '%a %u' /run/cryptdisk/mnt/1234)" "700 1234"
ck umount box.img
