# SPDX-License-Identifier: GPL-2.0-or-later
ck whoami --json
valid_json
expect_stdout fuse
ck whoami
expect_stdout "$EUID"
if ! dmsetup version >/dev/null 2>&1; then
	expect_stdout 'loop.*no.*device-mapper\|device-mapper'
fi
