# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
open_disk box.img
ck lock box.img
kill_server box.img STOP
milliseconds ck list --json
((elapsed < 3000)) || fail "$elapsed ms"
expect_equal "$(json 'volumes[0].state')" locked
ck lock "$(server_dir box.img)" --json
expect_equal "$(json changed)" false
kill_server box.img CONT
ck resume box.img -d "$KEY" --no-input
ck list --json
expect_equal "$(json 'volumes[0].state')" unlocked
