# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
"$CRYPTDISK" create box.img --size 64M -d "$KEY" "${KDF[@]}" --no-input --progress-fd 5 5>progress >"$out" 2>"$err"
[[ -s progress ]] || fail "no progress"
"$PYTHON" -c 'import json; [json.loads(line) for line in open("progress")]'
