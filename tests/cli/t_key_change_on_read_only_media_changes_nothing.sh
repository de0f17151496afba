# SPDX-License-Identifier: GPL-2.0-or-later
requires_user
second_key
mkdir media
new_container media/box.img
chmod 400 media/box.img
chmod 500 media
unchanged_by media/box.img 7 "$CRYPTDISK" key change media/box.img -d "$KEY" --new-key-file "$KEY2" "${KDF[@]}" --no-input
chmod 700 media
