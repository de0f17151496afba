# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
for verb in open mount; do
	expect_exit 1 "$CRYPTDISK" $verb box.img --password hunter2
	expect_stderr 'key-file\|passphrase-stdin'
	! grep -q hunter2 "$err" "$out" || fail "the password was repeated"
	expect_exit 1 "$CRYPTDISK" $verb box.img --password=hunter2
	! grep -q hunter2 "$err" "$out" || fail "the password was repeated"
done
