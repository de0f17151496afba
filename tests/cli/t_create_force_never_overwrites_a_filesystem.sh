# SPDX-License-Identifier: GPL-2.0-or-later
unpack fs-signatures
for image in fs-signatures/*.img; do
	unchanged_by "$image" 5 "$CRYPTDISK" create "$image" --size 32M -d "$KEY" --no-input "${KDF[@]}"
	unchanged_by "$image" 5 "$CRYPTDISK" create "$image" --force --yes -d "$KEY" --no-input "${KDF[@]}"
	expect_stderr 'xfs\|ext4\|fat'
done
