# SPDX-License-Identifier: GPL-2.0-or-later
requires_data
unpack luks2-crafted
bad=0 n=0
while IFS=$'\t' read -r image _ expect _; do
	[[ $image == image ]] && continue
	file=$(find . -name "$image" -type f)
	before=$(digest "$file")
	got=0
	timeout 10 "$CRYPTDISK" info "$file" >"$out" 2>"$err" </dev/null || got=$?
	case $expect:$got in
	accept*:0 | refuse:10 | refuse:12 | refuse:4) ;;
	*) echo "$image: exit $got, expected to $expect: $(head -n 1 "$err")"; bad=1 ;;
	esac
	[[ $(digest "$file") == "$before" ]] || { echo "$image: changed"; bad=1; }
	n=$((n + 1))
done <"$DATA/expected-luks2.tsv"
((n == 51)) || fail "$n rows"
((!bad))
