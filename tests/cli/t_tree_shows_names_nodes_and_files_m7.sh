# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --label papers
mounted box.img
ck tree
expect_stdout papers
expect_stdout "$(basename "$mnt")"
ck tree --json
valid_json
