# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. /t/suites/backends/lib.sh
names() {
	local id place
	box c.img ext4 64M --label photos
	mounts c.img --name mine
	id=$(id_of c.img)
	for place in c.img "$PWD/c.img" "id:$id" label:photos name:mine mine photos "${id:0:8}" "$mnt" \
		"/dev/mapper/cryptdisk-$id" "/dev/$(below "cryptdisk-$id")" "/dev/cryptdisk/by-id/$id" \
		"$(readlink -f "/dev/mapper/cryptdisk-$id")"; do
		ck resolve "$place" --no-input
		grep -qF "$id" "$out" || fail "$place: $(<"$out")"
		grep -qF "$mnt" "$out" || fail "$place: $(<"$out")"
	done
	# Everybody may look.
	setpriv --reuid 65534 --regid 65534 --clear-groups "$CRYPTDISK" list --all --json >"$out"
	expect_equal "$(json 'volumes[0].id')" "$id"
	expect_equal "$(json 'volumes[0].state')" mounted
	expect_equal "$(json 'volumes[0].backend')" "$backend"
	ck tree
	expect_stdout "cryptdisk-$id"
	sleep 300 >"$mnt/file" &
	cleanup "kill $!"
	wait_for 20 test -e "$mnt/file"
	ck ps "$mnt"
	expect_stdout "$!"
	kill $!
	wait $! || true
	ck umount "id:$id" --no-input
}
each names
