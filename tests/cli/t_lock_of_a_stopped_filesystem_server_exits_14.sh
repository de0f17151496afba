# SPDX-License-Identifier: GPL-2.0-or-later
requires_user
requires_fuse
new_container box.img
mounted box.img
echo data >"$mnt/file"
served=$(pgrep -f "$(server_dir box.img)/disk" | head -n 1)
[[ -n $served ]] || fail "no filesystem server was found"
kill -STOP "$served"
cleanup "kill -CONT $served"
milliseconds expect_exit 14 timeout 20 "$CRYPTDISK" lock box.img
((elapsed < 5000)) || fail "$elapsed ms"
kill -CONT "$served"
ck list --json
expect_equal "$(json 'volumes[0].state')" mounted
ck lock box.img
ck resume box.img -d "$KEY" --no-input
expect_equal "$(cat "$mnt/file")" data
