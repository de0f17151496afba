# SPDX-License-Identifier: GPL-2.0-or-later
new_container box.img
milliseconds expect_exit 14 typed -- "$CRYPTDISK" open box.img --timeout 1
((elapsed < 5000)) || fail "$elapsed ms"
