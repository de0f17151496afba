# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
ck key recovery box.img -d "$KEY" "${KDF[@]}" --no-input
recovery=$(grep -oE '([a-z]{4,8}-){5,}[a-z]{4,8}' "$out" | head -n 1)
[[ -n $recovery ]] || fail "no recovery key in: $(cat "$out")"
printf %s "$recovery" >rescue
opens_with box.img rescue
ck key list box.img --json
expect_stdout recovery
