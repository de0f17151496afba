# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
chmod 400 box.img
ck header backup box.img copy
cmp -n "$(stat -c %s copy)" copy box.img
