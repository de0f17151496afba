# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. "${BASH_SOURCE[0]%/*}/lib.sh"
in_service() { systemd-run -q --wait -p Type=oneshot "$@"; }
need_module
for backend in fuse loop kmod; do
	box box.img
	# A fuse server lives in the service: it has to stay active.
	ok systemd-run -q --unit=box-mount -p Type=oneshot -p RemainAfterExit=yes \
		"$CRYPTDISK" mount "$T/box.img" -d "$KEY" --no-input --backend "$backend"
	cleanup "'$CRYPTDISK' umount '$T/box.img' --force; systemctl stop box-mount"
	ck status box.img --json
	expect_equal "$(json volume.state)" mounted
	mnt=$(json volume.mountpoint)
	echo text >"$mnt/file"
	link_is_right box.img
	ok in_service "$CRYPTDISK" umount "$T/box.img"
	! mountpoint -q "$mnt" || fail "$mnt is still mounted"
	expect_missing "$link"
	systemctl stop box-mount
done
