# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
new_container box.img
install -d -m 700 -o 65534 -g 65534 theirs theirs/run
cp box.img "$KEY" theirs/ && chown -R 65534:65534 theirs
user=(setpriv --reuid=65534 --regid=65534 --clear-groups env "XDG_RUNTIME_DIR=$T/theirs/run" "$CRYPTDISK")
"${user[@]}" open theirs/box.img --key-file "theirs/$(basename "$KEY")"
cleanup "${user[*]} close theirs/box.img"
ck open box.img --key-file "$KEY"
id=$("$CRYPTDISK" id show box.img)
ck resolve "id:$id" --json
expect_equal "$(json volume.scope)" global
ck close "id:$id"
expect_exit 0 "${user[@]}" close theirs/box.img
