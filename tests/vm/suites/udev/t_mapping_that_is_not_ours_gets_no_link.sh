# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. "${BASH_SOURCE[0]%/*}/lib.sh"
id=01234567-89ab-4cde-8f01-23456789abcd
mapping() { # NAME UUID
	echo "0 8 zero" | dmsetup create --manglename none "$1" ${2:+--uuid "$2"}
	quiet_udev
}
remove() { dmsetup remove --retry --manglename none -- "$1"; }
# Our name, and libcryptsetup does not know it.
mapping "cryptdisk-$id"
expect_missing /dev/cryptdisk
expect_equal "$(property "/dev/mapper/cryptdisk-$id" UDISKS_IGNORE)" ""
remove "cryptdisk-$id"
mapping "cryptdisk-$id" "LVM-cryptdisk-$id"
expect_missing /dev/cryptdisk
remove "cryptdisk-$id"

# libcryptsetup's, and no ID behind "cryptdisk-".
n=0
for name in "${id^^}" "$id-2" "${id//-/_}" "${id//-/.}" "../..$id" "${id%d}" "${id}0" "--help" " $id" "${id/-/ }" \
	'$(touch made)' "';touch made;'" '%n' '*' '????????-????-????-????-????????????'; do
	name=${name//\//_}
	n=$((n + 1))
	mapping "cryptdisk-$name" "CRYPT-LUKS2-$n"
	expect_missing /dev/cryptdisk
	remove "cryptdisk-$name"
	expect_missing /made
done

# And this is one.
mapping "cryptdisk-$id" "CRYPT-LUKS2-${id//-/}-cryptdisk-$id"
[[ -b $(readlink -f "/dev/cryptdisk/by-id/$id") ]] || fail "no link for the right name"
remove "cryptdisk-$id"
quiet_udev
expect_missing /dev/cryptdisk
