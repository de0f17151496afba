# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires debugfs
new_container box.img
ck fsck box.img -d "$KEY" --no-input --json
valid_json
open_disk box.img
/usr/sbin/debugfs -w -R 'clri /lost+found' "$disk" >/dev/null 2>&1
ck close box.img
expect_exit 9 "$CRYPTDISK" fsck box.img -d "$KEY" --no-input --json
valid_json
ck fsck box.img --repair --yes -d "$KEY" --no-input
ck fsck box.img -d "$KEY" --no-input
