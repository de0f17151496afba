# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
own_definitions
new_container box.img
ck define work "$T/box.img"
mkdir elsewhere
cd elsewhere
# Another container there is not asked for a passphrase, let alone mounted under that name.
foreign_container "$T/other.img" 16M --type luks2
cp "$T/other.img" "$T/box.img"
expect_exit 4 "$CRYPTDISK" mount work -d "$KEY" --no-input
expect_stderr 'is volume .* and work is defined as'
for verb in "key test" fsck trim "header check" erase info; do
	expect_exit 4 "$CRYPTDISK" $verb work --no-input --yes
	expect_stderr 'is volume .* and work is defined as'
done
expect_exit 4 "$CRYPTDISK" resize work 20M -d "$KEY" --no-input
expect_exit 4 "$CRYPTDISK" mount work --dry-run
cmp "$T/other.img" "$T/box.img"
rm "$T/box.img"
expect_exit 4 "$CRYPTDISK" mount work -d "$KEY" --no-input
expect_exit 4 "$CRYPTDISK" mount nothing -d "$KEY" --no-input
