# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
free=$(df --output=avail -BG . | tail -n 1 | tr -dc 0-9)
((free > 110)) && size=100G || size=$((free / 2))G
milliseconds ck create box.img --size $size -d "$KEY" "${KDF[@]}" --no-input
((elapsed < 30000)) || fail "$elapsed ms"
(($(stat -c %b box.img) * 512 < 400 << 20)) || fail "$(stat -c %b box.img) blocks"
