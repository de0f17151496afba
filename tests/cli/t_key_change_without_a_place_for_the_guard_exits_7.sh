# SPDX-License-Identifier: GPL-2.0-or-later
requires_user
second_key
mkdir media
new_container media/box.img
chmod 500 media
touch state
unchanged_by media/box.img 7 env XDG_STATE_HOME="$T/state" HOME="$T/state" "$CRYPTDISK" \
	key change media/box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --no-input
chmod 700 media
