# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
mkdir tree
cp /bin/sleep tree/s
chmod 4755 tree/s
mknod tree/null c 1 3
ck create box.img --from tree -d "$KEY" "${KDF[@]}" --no-input
mounted box.img
! (echo x >"$mnt/null") 2>/dev/null || fail "a device node of the image works"
options=$(awk -v m="$mnt" '$5 == m { print $6 }' /proc/self/mountinfo)
[[ ,$options, == *,nosuid,* ]] || fail "$options"
