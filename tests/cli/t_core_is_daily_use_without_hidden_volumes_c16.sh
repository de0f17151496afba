# SPDX-License-Identifier: GPL-2.0-or-later
# Hidden volumes and system encryption are no part of the core: their options say so, and
# everything else works without them. A detached header is a feature of its own (next test file).
new_container box.img
for option in --hidden '--pim 1'; do
	# shellcheck disable=SC2086 # an option and its value
	expect_exit 12 "$CRYPTDISK" open box.img -d "$KEY" $option --no-input
done
opens_with box.img "$KEY"
