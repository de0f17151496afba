# SPDX-License-Identifier: GPL-2.0-or-later
requires_data
requires_fuse
for archive in luks1 luks2-mda luks-conversion luks-misc; do
	unpack $archive
done
bad=0
row() { # ID IMAGE PASSPHRASE OPTIONS EXPECT SHA
	local folder want got=0 id=$1 image=$2 expect=$5 options=(-d secret) before
	folder=$(dirname "$(find . -name "$image" -type f | head -n 1)")
	image=$folder/$image
	printf %s "$3" >secret
	[[ $4 == *-d\ * ]] && options=(-d "$folder/$(sed -E 's/.*-d ([^ ]+).*/\1/' <<<"$4")")
	before=$(digest "$image")
	case $expect in
	open) want=0 ;;
	keyslot) want=0 ;;
	wrongkey) want=2 ;;
	header) want=0 ;;
	refuse) want="2|4|10|12" ;;
	esac
	local verb=(open "$image" --readonly)
	[[ $expect == keyslot || $expect == wrongkey ]] && verb=(key test "$image")
	[[ $expect == header ]] && verb=(info "$image") && options=()
	timeout 60 "$CRYPTDISK" "${verb[@]}" "${options[@]}" --no-input >"$out" 2>"$err" </dev/null || got=$?
	[[ "|$want|" == *"|$got|"* ]] || { echo "$id: exit $got, expected $want: $(head -n 1 "$err")"; bad=1; }
	if [[ $expect == open && $got == 0 ]]; then
		[[ -z $6 || $(digest "$(tail -n 1 "$out")") == "$6" ]] || { echo "$id: other plaintext"; bad=1; }
		"$CRYPTDISK" close "$image" >/dev/null || bad=1
	fi
	[[ $(digest "$image") == "$before" ]] || { echo "$id: the image was changed"; bad=1; }
}
n=0
while IFS=$'\037' read -r id type image pass options expect sha; do
	[[ $type == luks[12] ]] || continue
	n=$((n + 1))
	row "$id" "$image" "$pass" "$options" "$expect" "$sha"
done < <(awk -F'\t' -v OFS=$'\037' 'NR > 1 { print $1, $3, $4, $7, $8, $9, $10 }' "$DATA/opens.tsv")
((n >= 50)) || fail "only $n rows"
((!bad))
