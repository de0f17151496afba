# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
foreign() {
	local id
	box c.img
	id=$(id_of c.img)
	loop_of c.img
	cryptsetup open --key-file "$KEY" "$loop" home
	cleanup "cryptsetup close home"
	mkdir -p "$PLACES/home"
	mount /dev/mapper/home "$PLACES/home"
	ck list --all --json
	expect_equal "$(json 'volumes[0].state')" foreign
	expect_equal "$(json 'volumes[0].id')" "$id"
	expect_equal "$(json 'volumes[0].mountpoint')" "$PLACES/home"
	ck umount /dev/mapper/home --no-input
	! mountpoint -q "$PLACES/home" || fail "still mounted"
	! dmsetup info home >/dev/null 2>&1 || fail "still mapped"
	losetup -d "$loop"
	# A name like ours over something that is not ours is not ours.
	cryptsetup open --key-file "$KEY" c.img "cryptdisk-$id"
	ck list --all --json
	expect_equal "$(json 'volumes[0].state')" unlocked
	ck close "id:$id" --no-input
	! dmsetup info "cryptdisk-$id" >/dev/null 2>&1 || fail "still mapped"
}
stale() {
	local id
	backend=loop
	box s.img
	id=$(id_of s.img)
	# What a program leaves that was killed between two steps: a name without a table.
	dmsetup create --notable -u "CRYPT-LUKS2-${id//-/}-cryptdisk-$id" "cryptdisk-$id"
	ck list --all --json
	expect_equal "$(json 'volumes[0].state')" stale
	expect_equal "$(json 'volumes[0].reason' | grep -c empty)" 1
	opened s.img
	ck close s.img --no-input
	dmsetup create --notable -u "CRYPT-LUKS2-${id//-/}-cryptdisk-$id" "cryptdisk-$id"
	ck umount "id:$id" --no-input
	nothing_mapped
	# Its disk was taken away.
	opened s.img
	echo "0 $(blockdev --getsz "$disk") error" | dmsetup load "$(basename "$disk")"
	dmsetup resume "$(basename "$disk")"
	ck list --all --json
	expect_equal "$(json 'volumes[0].state')" stale
	ck umount "id:$id" --no-input
	nothing_mapped
}
need_module
foreign
stale
