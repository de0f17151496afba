# SPDX-License-Identifier: GPL-2.0-or-later
second_key
new_container box.img
unchanged_by box.img 2 "$CRYPTDISK" key add box.img -d "$KEY2" --new-key-file "$KEY" "${KDF[@]}" --no-input
