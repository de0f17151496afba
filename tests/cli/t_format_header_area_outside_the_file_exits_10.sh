# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
for change in 'j["keyslots"]["0"]["area"]["offset"] = str(1 << 40)' \
	'j["keyslots"]["0"]["area"]["size"] = str((1 << 64) - 4096)' \
	'j["segments"]["0"]["offset"] = str(1 << 62)' \
	'j["segments"]["0"]["offset"] = str((1 << 64) - 512)'; do
	cp box.img cut.img
	edit_luks2 cut.img "$change"
	unchanged_by cut.img 10 "$CRYPTDISK" open cut.img -d "$KEY" --no-input
done
