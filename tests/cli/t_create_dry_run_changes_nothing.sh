# SPDX-License-Identifier: GPL-2.0-or-later
ck create box.img --size 64M -d "$KEY" --no-input --dry-run --json
valid_json
expect_missing box.img
ck create box.img --size 64M -d "$KEY" --no-input --dry-run
expect_stdout aes-xts-plain64
expect_stdout argon2id
