# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
. "${BASH_SOURCE[0]%/*}/lib.sh"
need_module
new_container box.img
sectors=$(($(stat -c %s box.img) / 512))
dd if=box.img of=/dev/vdb bs=1M conv=fsync status=none
echo "0 $sectors linear /dev/vdb 0" | dmsetup create failing
cleanup "dmsetup remove --retry failing"
listening
first=$events
listening
disk=$("$CRYPTDISK" open /dev/mapper/failing -d "$KEY" --no-input --backend kmod)
cleanup "'$CRYPTDISK' umount /dev/mapper/failing --force"
wait_for 30 has_told linked 1
echo "0 $sectors error" | dmsetup reload failing
dmsetup suspend --nolockfs --noflush failing
dmsetup resume failing
! dd if="$disk" of=/dev/null bs=4096 count=1 iflag=direct status=none || fail "it can be read"
wait_for 30 has_told error 1
! dd if="$disk" of=/dev/null bs=4096 count=1 iflag=direct status=none || fail "it can be read"
"$CRYPTDISK" close /dev/mapper/failing || "$CRYPTDISK" umount /dev/mapper/failing --force
wait_for 30 has_told departed 1 "$first"
expect_equal "$(told error) $(told error "$first") $(told departed "$first")" "1 1 1"
valid_events "$first"
