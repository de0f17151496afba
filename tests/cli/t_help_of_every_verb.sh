# SPDX-License-Identifier: GPL-2.0-or-later
ck --help
for verb in create open close mount umount eject lock resume list status info resolve tree ps 'id show' whoami 'key add' \
	'key remove' 'key change' 'key list' 'key test' 'key recovery' 'header backup' 'header restore' \
	'header check' resize trim fsck erase doctor benchmark version completion; do
	# shellcheck disable=SC2086 # verbs of two words
	ck $verb --help
	expect_stdout "${verb%% *}"
done
