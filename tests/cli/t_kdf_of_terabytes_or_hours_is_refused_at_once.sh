# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
for change in '["memory"] = (1 << 32) - 1' '["time"] = 2000000000' '["time"] = (1 << 31) - 1' \
	'["cpus"] = 1000000'; do
	cp box.img evil.img
	edit_luks2 evil.img "j['keyslots']['0']['kdf']$change"
	milliseconds expect_exit 12 timeout 10 "$CRYPTDISK" open evil.img -d "$KEY" --no-input
	((elapsed < 1000)) || fail "$change: $elapsed ms"
	[[ -s $err ]] || fail "no message"
done
foreign_container old.img 20M --type luks2
edit_luks2 old.img "j['keyslots']['0']['kdf']['iterations'] = 4294967295"
milliseconds expect_exit 12 timeout 10 "$CRYPTDISK" open old.img -d "$KEY" --no-input
((elapsed < 1000)) || fail "PBKDF2: $elapsed ms"
