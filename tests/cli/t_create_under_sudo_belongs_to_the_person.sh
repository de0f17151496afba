# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
ok env SUDO_UID=1234 SUDO_GID=1235 "$CRYPTDISK" create box.img --size 64M -d "$KEY" "${KDF[@]}" --no-input
expect_equal "$(stat -c %u:%g box.img)" 1234:1235
mounted box.img
expect_equal "$(stat -c %u:%g "$mnt")" 1234:1235
ck umount box.img
