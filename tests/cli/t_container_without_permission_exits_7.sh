# SPDX-License-Identifier: GPL-2.0-or-later
requires_user
new_container box.img
chmod 000 box.img
for verb in info open mount; do
	case $verb in info) key=() ;; *) key=(-d "$KEY") ;; esac
	expect_exit 7 "$CRYPTDISK" $verb box.img "${key[@]}" --no-input
done
