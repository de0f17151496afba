# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
free=$(df --output=avail -B1 . | tail -n 1)
unchanged_by box.img 16 "$CRYPTDISK" resize box.img $((free * 2)) -d "$KEY" --no-input
expect_equal "$(stat -c %s box.img)" $((64 << 20))
