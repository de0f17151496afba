# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
clean=(env -u HOME -u XDG_RUNTIME_DIR -u XDG_STATE_HOME -u XDG_CONFIG_HOME -u USER -u TMPDIR)
new_container box.img --label cron
ok "${clean[@]}" "$CRYPTDISK" mount box.img -d "$KEY" --no-input
mnt=$(tail -n 1 "$out")
cleanup "${clean[*]} $CRYPTDISK umount $T/box.img --force"
echo data >"$mnt/file"
ok "${clean[@]}" "$CRYPTDISK" list
expect_stdout cron
ok "${clean[@]}" "$CRYPTDISK" umount box.img
nothing_left box.img
is_root || expect_equal "$(stat -c '%a %u' "/tmp/cryptdisk-$EUID" 2>/dev/null || echo "700 $EUID")" "700 $EUID"
