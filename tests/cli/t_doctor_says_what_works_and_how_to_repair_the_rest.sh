# SPDX-License-Identifier: GPL-2.0-or-later
ck doctor
expect_stdout fuse
ck doctor --json
valid_json
