# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. /t/suites/backends/lib.sh
# key_of NAME: as dm-crypt has it
key_of() { dmsetup table --showkeys "$1" | cut -d' ' -f5; }
locks() {
	local name key writer
	box c.img
	mounts c.img
	name=$(name_of c.img)
	key=$(key_of "$name")
	[[ $key == *[1-9a-f]* ]]
	echo before >"$mnt/file"
	ck lock c.img --no-input
	expect_equal "$(status_of c.img state)" locked
	[[ $(key_of "$name") != *[1-9a-f]* ]] || fail "the key is there"
	echo after >"$mnt/late" &
	writer=$!
	cleanup "kill -KILL $writer"
	expect_exit 11 "$CRYPTDISK" umount c.img --no-input
	expect_exit 11 "$CRYPTDISK" resize c.img 80M --no-input
	expect_exit 11 "$CRYPTDISK" trim c.img --no-input
	# Neither another key nor another container lets it go on.
	second_key
	expect_exit 2 "$CRYPTDISK" resume c.img -d "$KEY2" --no-input
	expect_equal "$(status_of c.img state)" locked
	kill -0 "$writer" || fail "the writer did not wait"
	ck resume c.img -d "$KEY" --no-input
	wait "$writer"
	expect_equal "$(key_of "$name")" "$key"
	expect_equal "$(<"$mnt/late")" after
	ck lock c.img --no-input
	ck lock c.img --no-input
	ck resume c.img -d "$KEY" --no-input
	unmount c.img
	mounts c.img
	expect_equal "$(<"$mnt/file") $(<"$mnt/late")" "before after"
	unmount c.img
	# A disk without a filesystem, and closed while it is locked.
	opened c.img
	ck lock c.img --no-input
	[[ $(key_of "$name") != *[1-9a-f]* ]] || fail "the key is there"
	ck close c.img --no-input
}
each locks
