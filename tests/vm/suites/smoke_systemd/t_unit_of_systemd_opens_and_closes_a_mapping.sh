# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
foreign_container box 32M --luks2-metadata-size 16k --luks2-keyslots-size 256k
loop_of box
ok /lib/systemd/systemd-cryptsetup attach smoke "$loop" "$KEY" luks
[[ -b /dev/mapper/smoke ]]
ok /lib/systemd/systemd-cryptsetup detach smoke
