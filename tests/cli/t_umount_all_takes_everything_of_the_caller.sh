# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container one.img --label one
new_container two.img --label two
mounted one.img
mounted two.img
ck umount --all --json
valid_json
nothing_left one.img
nothing_left two.img
