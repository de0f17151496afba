# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img --label papers
mounted box.img
for line in "list" "list --all" "status" "status box.img" "info box.img" "resolve box.img" "tree" \
	"ps box.img" "id show box.img" "whoami" "key list box.img" "header check box.img" "doctor" "version"; do
	# shellcheck disable=SC2086 # verbs and arguments
	ck $line --json
	valid_json
	expect_equal "$(json command)" "$(sed -E 's/ (box.img|--all)//g' <<<"$line")"
done
