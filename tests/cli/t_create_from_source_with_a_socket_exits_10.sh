# SPDX-License-Identifier: GPL-2.0-or-later
mkdir tree
"$PYTHON" -c 'import socket; socket.socket(socket.AF_UNIX).bind("tree/talk")'
expect_exit 10 "$CRYPTDISK" create box.img --from tree -d "$KEY" "${KDF[@]}" --no-input
expect_stderr talk
expect_missing box.img
