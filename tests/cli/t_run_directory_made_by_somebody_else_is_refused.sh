# SPDX-License-Identifier: GPL-2.0-or-later
requires_user
requires_fuse
new_container box.img
mkdir runtime
chmod 777 runtime
ln -s "$T/elsewhere" runtime/cryptdisk
mkdir elsewhere
status=0
XDG_RUNTIME_DIR=$T/runtime "$CRYPTDISK" open box.img -d "$KEY" --no-input >"$out" 2>"$err" </dev/null || status=$?
cleanup "cdisk close $T/box.img"
expect_equal "$(ls -A elsewhere)" ""
XDG_RUNTIME_DIR=$T/runtime "$CRYPTDISK" close box.img >/dev/null 2>&1 || "$CRYPTDISK" close box.img
