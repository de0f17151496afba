# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
ck header check box.img --json
valid_json
dd if=/dev/zero of=box.img bs=512 count=1 conv=notrunc status=none
unchanged_by box.img 10 "$CRYPTDISK" header check box.img --json
valid_json
unchanged_by box.img 0 "$CRYPTDISK" info box.img
ck header check box.img --repair --yes
ck header check box.img
cryptsetup_opens box.img "$KEY"
