# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
edit_luks2 box.img 'j["config"]["requirements"] = {"mandatory": ["time-travel"]}'
unchanged_by box.img 12 "$CRYPTDISK" open box.img -d "$KEY" --no-input
expect_stderr time-travel
ck info box.img
