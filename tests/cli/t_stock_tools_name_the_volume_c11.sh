# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
requires_loop
requires lsblk findmnt blkid
new_container box.img --label papers
mounted box.img
source=$(findmnt -n -o SOURCE --mountpoint "$mnt")
case $BACKEND in
fuse) want='/dev/loop*' ;;
*) want=/dev/mapper/cryptdisk-$("$CRYPTDISK" id show box.img) ;;
esac
# shellcheck disable=SC2053 # a pattern
[[ $source == $want ]] || fail "findmnt: $source"
expect_equal "$(findmnt -n -o FSTYPE --mountpoint "$mnt")" ext4
expect_equal "$(blkid -p -o value -s LABEL "$source")" papers
lsblk -n -o NAME,MOUNTPOINTS "$source" | grep -qF "$mnt" || fail "lsblk: $(lsblk "$source")"
expect_equal "$(blockdev --getss "$source")" 4096
[[ $BACKEND == fuse ]] || exit 0
id=$("$CRYPTDISK" id show box.img)
grep -q "cryptdisk:$id:" /proc/self/mountinfo || fail "no ID in mountinfo"
losetup -l -n -O BACK-FILE "$source" | grep -qF "$id" || fail "losetup: $(losetup -l "$source")"
