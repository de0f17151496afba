# SPDX-License-Identifier: GPL-2.0-or-later
umask 000
ck create box.img --size 64M -d "$KEY" "${KDF[@]}" --no-input --label papers --json
valid_json
expect_equal "$(json ok)" true
id=$(json id)
expect_equal "$(stat -c %a box.img)" 600
ck info box.img --json
valid_json
expect_equal "$(json container.id)" "$id"
ck id show box.img
expect_stdout "$id"
