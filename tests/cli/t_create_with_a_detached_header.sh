# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
ck create box.img --size 64M --header head -d "$KEY" "${KDF[@]}" --no-input
expect_equal "$(stat -c %a head)" 600
! grep -q LUKS box.img || fail "a header is in the container"
expect_exit 4 "$CRYPTDISK" info box.img
mounted box.img --header head
echo data >"$mnt/file"
ck umount box.img
requires cryptsetup
ok /usr/sbin/cryptsetup open --test-passphrase --header head --key-file "$KEY" box.img
