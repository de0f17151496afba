# SPDX-License-Identifier: GPL-2.0-or-later
requires_user
mkdir tree
echo secret >tree/closed
chmod 000 tree/closed
expect_exit 7 "$CRYPTDISK" create box.img --from tree -d "$KEY" "${KDF[@]}" --no-input
expect_stderr closed
expect_missing box.img
