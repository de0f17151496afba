# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. "${BASH_SOURCE[0]%/*}/lib.sh"
box box.img
cat >script <<END
'$CRYPTDISK' mount '$T/box.img' -d '$KEY' --no-input --backend fuse >'$T/place' || exit 1
echo text >"\$(cat '$T/place')/file" || exit 2
'$CRYPTDISK' list | grep -q mounted || exit 3
touch '$T/inside'
while [ ! -e '$T/go-on' ]; do sleep 0.1; done
'$CRYPTDISK' umount '$T/box.img' || exit 4
END
in_background systemd-run -q --wait -p PrivateMounts=yes sh "$T/script"
wait_for 60 test -e inside
! mountpoint -q "$(cat place)" || fail "it is seen outside"
touch go-on
ended_with 0
