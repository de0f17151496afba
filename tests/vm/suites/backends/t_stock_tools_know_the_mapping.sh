# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
cookies() { ipcs -s | grep -c 0x0d4d || true; }
stock() {
	local name id before
	before=$(cookies)
	box c.img
	opened c.img
	id=$(id_of c.img) name=$(name_of c.img)
	expect_equal "$(dmsetup info -c --noheadings -o uuid "$name")" "CRYPT-LUKS2-${id//-/}-$name"
	cryptsetup status "$name" >status
	grep -q 'type: *LUKS2' status
	grep -q 'key location: dm-crypt' status
	! dmsetup table "$name" | grep -q allow_discards || fail "discards are allowed"
	# No copy of the key where it would outlive the mapping.
	! grep -i 'cryptsetup\|logon' /proc/keys || fail "a key in a keyring"
	expect_equal "$(cookies)" "$before" "cookies of device-mapper"
	[[ $backend == kmod ]] ||
		expect_equal "$(losetup -n -O AUTOCLEAR,DIO "/dev/$(below "$name")" | tr -d ' ')" 11
	cryptsetup close "$name"
	expect_equal "$(status_of c.img state)" locked
}
each stock
