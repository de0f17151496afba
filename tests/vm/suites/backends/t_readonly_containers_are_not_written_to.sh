# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
readonly_all_the_way() {
	local before name
	box c.img
	before=$(digest c.img)
	chmod 444 c.img
	opened c.img --readonly
	name=$(name_of c.img)
	expect_equal "$(blockdev --getro "$disk")" 1
	expect_equal "$(blockdev --getro "/dev/$(below "$name")")" 1
	! dd if=/dev/zero of="$disk" bs=4k count=1 oflag=direct 2>/dev/null || fail "written to"
	# Readers share it, each with a name of its own.
	ck open c.img -d "$KEY" --no-input --readonly --backend "$backend"
	expect_equal "$(tail -n 1 "$out")" "$disk-2"
	cmp -n 1M "$disk-2" "$disk"
	ck close "$disk-2" --no-input
	ck close "$disk" --no-input
	expect_equal "$(digest c.img)" "$before"
}
each readonly_all_the_way
