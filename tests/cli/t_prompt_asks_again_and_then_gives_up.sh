# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
ok typed wrong "$(cat "$KEY")" -- "$CRYPTDISK" open box.img
ck close box.img
expect_exit 2 typed one two three -- "$CRYPTDISK" open box.img
expect_exit 2 typed one two -- "$CRYPTDISK" open box.img --tries 1
