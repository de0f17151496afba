# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
{ cat "$KEY"; echo; } >line
"$CRYPTDISK" open box.img --passphrase-stdin --no-input <line >"$out" || fail "--passphrase-stdin"
ck close box.img
"$CRYPTDISK" open box.img --key-fd 7 --no-input 7<"$KEY" >"$out" || fail "--key-fd"
ck close box.img
"$CRYPTDISK" open box.img --key-file - --no-input <"$KEY" >"$out" || fail "--key-file -"
ck close box.img
{ printf 'junk'; cat "$KEY"; printf 'junk'; } >padded
ck open box.img -d padded --keyfile-offset 4 --keyfile-size "$(stat -c %s "$KEY")" --no-input
ck close box.img
