# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires setfattr
mkdir -p tree/sub
echo one >tree/a
ln tree/a tree/sub/b
ln -s a tree/soft
mkfifo tree/pipe
truncate -s 2G tree/hole
setfattr -n user.colour -v green tree/a
ck create box.img --from tree -d "$KEY" "${KDF[@]}" --no-input
(($(stat -c '%s' box.img) < 200 << 20)) || fail "the hole was counted: $(stat -c %s box.img)"
mounted box.img
expect_equal "$(stat -c '%h' "$mnt/a")" 2
expect_equal "$(stat -c %i "$mnt/a")" "$(stat -c %i "$mnt/sub/b")"
expect_equal "$(readlink "$mnt/soft")" a
expect_equal "$(stat -c '%F' "$mnt/pipe")" fifo
expect_equal "$(stat -c %s "$mnt/hole")" $((2 << 30))
expect_equal "$(getfattr --only-values -n user.colour "$mnt/a")" green
ck umount box.img
