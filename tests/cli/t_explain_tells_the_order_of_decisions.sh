# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
expect_exit 6 "$CRYPTDISK" open box.img --no-input --explain
expect_stderr 'credential\|key file\|prompt'
requires_fuse
ck open box.img -d "$KEY" --no-input --explain
expect_stderr "backend $BACKEND differs: "
ck close box.img
