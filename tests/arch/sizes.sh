#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file has one noun and at most 600 lines, a function one step and at most 60 (main: 40), a CLI
# test one fact and fewer than 60.
set -u
command -v ctags >/dev/null || { echo "needs ctags"; exit 77; }
bad=0
files=$(git ls-files -co --exclude-standard '*.c' '*.h' '*.sh' '*.py' check quickstart 'tests/*/run')

while read -r lines file; do
	[[ $file == total ]] && continue
	limit=600
	[[ $file == tests/cli/t_* ]] && limit=60
	((lines <= limit)) || { echo "$file has $lines lines, at most $limit"; bad=1; }
done < <(xargs wc -l <<<"$files")

grep '\.c$' <<<"$files" | ctags --languages=C --c-kinds=f --fields=+ne -L - -f - | awk -F'\t' '
{
	start = end = 0
	for (i = 4; i <= NF; i++) {
		if ($i ~ /^line:/) start = substr($i, 6)
		if ($i ~ /^end:/) end = substr($i, 5)
	}
	limit = $1 == "main" ? 40 : 60
	if (end - start + 1 > limit) {
		print $2 ": " $1 " has " end - start + 1 " lines, at most " limit
		bad = 1
	}
}
END { exit bad }' || bad=1
exit $bad
