# SPDX-License-Identifier: GPL-2.0-or-later
requires_data
for archive in luks1 luks2-mda luks-misc fs-signatures; do
	unpack $archive
done
find . -type f -path './*/*' | while read -r file; do
	before=$(digest "$file")
	status=0
	timeout 10 "$CRYPTDISK" info "$file" --json >"$out" 2>"$err" </dev/null || status=$?
	valid_json
	((status < 20)) || fail "$file: exit $status"
	expect_equal "$(digest "$file")" "$before" "$file"
done
