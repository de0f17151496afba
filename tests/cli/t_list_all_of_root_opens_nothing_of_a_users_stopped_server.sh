# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
backend fuse
requires_fuse
new_container box.img --label theirs
chown 65534 box.img "$KEY"
mkdir -m 700 runtime
chown 65534 runtime
[[ -w /dev/fuse ]] && mknod -m 666 fuse c 10 229 && mount --bind fuse /dev/fuse && cleanup "umount /dev/fuse"
user=(setpriv --reuid=65534 --regid=65534 --clear-groups env "XDG_RUNTIME_DIR=$T/runtime")
ok "${user[@]}" "$CRYPTDISK" open box.img -d "$KEY" --no-input
cleanup "${user[*]} $CRYPTDISK close $T/box.img --force"
kill_server box.img STOP
milliseconds expect_exit 0 timeout 5 "$CRYPTDISK" list --all --json
valid_json
((elapsed < 2000)) || fail "$elapsed ms"
expect_stdout "$("$CRYPTDISK" id show box.img)"
kill_server box.img CONT
ok "${user[@]}" "$CRYPTDISK" close box.img
