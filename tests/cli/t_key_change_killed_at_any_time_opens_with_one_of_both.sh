# SPDX-License-Identifier: GPL-2.0-or-later
second_key
new_container box.img
old=$KEY new=$KEY2
for delay in 0 0.05 0.1 0.15 0.2 0.25 0.3 0.35 0.4 0.5 0.6 0.8; do
	in_background "$CRYPTDISK" key change box.img -d "$old" --new-key-file "$new" "${KDF[@]}" --no-input
	sleep $delay
	kill -KILL "$background" 2>/dev/null || true
	wait "$background" 2>/dev/null || true
	if "$CRYPTDISK" key test box.img -d "$old" --no-input >"$out" 2>"$err" </dev/null; then
		continue
	fi
	opens_with box.img "$new"
	read -r old new <<<"$new $old"
done
ck header check box.img --repair --yes
ck key change box.img -d "$old" --new-key-file "$new" "${KDF[@]}" --no-input
opens_with box.img "$new"
closed_to box.img "$old"
