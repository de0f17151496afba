#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every source file says its licence in one of its first three lines.
set -u
bad=0
while read -r file; do
	[[ -f $file && -s $file ]] || continue
	case $file in
	*.c | *.h | *.cpp | *.sh | *.py | *.in | *.map | *CMakeLists.txt | *.scd) ;;
	*) head -c 2 "$file" | grep -q '#!' || continue ;;
	esac
	[[ $file == *.map || $file == *.pc.in || $file == *.scd ]] && continue
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0' ||
		{ echo "$file: no SPDX line"; bad=1; }
done < <(git ls-files -co --exclude-standard)
exit $bad
