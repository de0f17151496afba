# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
new_container box.img
mounted box.img
options=$(awk -v m="$mnt" '$5 == m { print $6 }' /proc/self/mountinfo)
[[ ,$options, == *,nosuid,* && ,$options, == *,nodev,* ]] || fail "options: $options"
[[ $BACKEND == fuse ]] || exit 0
directory=$(server_dir box.img)
options=$(awk -v m="$directory" '$5 == m { print $6 }' /proc/self/mountinfo)
[[ ,$options, == *,nosuid,* && ,$options, == *,nodev,* ]] || fail "server: $options"
