# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by this suite's tests: what lock, resume and eject do, the same on every backend.

state_is() { # FILE STATE
	ck status "$1" --json
	expect_equal "$(json volume.state)" "$2"
}
still_waits() { # PID WHAT
	sleep 0.5
	! gone "$1" || fail "$2 was answered while it is locked"
}
# goes_on PLACE: the filesystem there can be written to
goes_on() {
	timeout 20 sh -c "echo x >'$1' && sync -f '$1'" || fail "$1: it stands still"
}
resume() { ck resume "$1" -d "$KEY" --no-input; }

# The plain disk, without any filesystem.
disk_waits_and_goes_on() { # BACKEND
	local reader
	need_backend "$1"
	new_container box.img
	open_disk box.img --backend "$1"
	head -c 1M /dev/urandom >data
	dd if=data of="$disk" bs=1M conv=notrunc,fsync status=none
	ck lock box.img --json
	valid_json
	expect_equal "$(json changed) $(json volume.state)" "true locked"
	in_background dd if="$disk" of=back bs=1M count=1 iflag=direct status=none
	reader=$background
	in_background dd if=data of="$disk" bs=1M seek=3 conv=notrunc,fsync oflag=direct status=none
	still_waits "$reader" "a read"
	still_waits "$background" "a write"
	state_is box.img locked
	ck resume box.img -d "$KEY" --no-input --json
	valid_json
	expect_equal "$(json changed) $(json volume.state)" "true unlocked"
	ended_with 0
	wait "$reader"
	cmp data back
	dd if="$disk" of=back bs=1M skip=3 count=1 iflag=direct status=none
	cmp data back
}

mount_waits_and_goes_on() { # BACKEND
	need_backend "$1"
	new_container box.img
	mounted box.img --backend "$1"
	head -c 3M /dev/urandom >data
	cp data "$mnt/before"
	ck lock "$mnt"
	state_is box.img locked
	in_background dd if=data of="$mnt/after" bs=64k conv=fsync status=none
	still_waits "$background" "a write"
	kill -TERM "$background"
	still_waits "$background" "a write after SIGTERM"
	# The module does not tell the container's path.
	if [[ $1 == kmod ]]; then resume box.img; else resume "$mnt"; fi
	wait "$background" || true
	goes_on "$mnt/more"
	cp data "$mnt/after"
	ck umount box.img
	ck fsck box.img -d "$KEY" --no-input
	mounted box.img --backend "$1"
	cmp data "$mnt/before"
	cmp data "$mnt/after"
}

only_the_key_resumes() { # BACKEND
	need_backend "$1"
	new_container box.img
	uuid=$(cryptsetup luksUUID box.img)
	open_disk box.img --backend "$1"
	head -c 64k /dev/urandom >data
	dd if=data of="$disk" conv=notrunc,fsync status=none
	ck lock box.img
	cp --sparse=always box.img other.img
	printf wrong >wrong
	expect_exit 2 "$CRYPTDISK" resume box.img -d wrong --no-input
	expect_exit 6 "$CRYPTDISK" resume box.img --no-input
	mv box.img moved.img
	mv other.img box.img
	! "$CRYPTDISK" resume box.img -d "$KEY" --no-input || fail "a copy resumed it"
	# A loop device tells where its file went, a server what it was called, the module nothing.
	case $1 in
	fuse) expect_exit 10 "$CRYPTDISK" resume "id:$uuid" -d "$KEY" --no-input ;;
	kmod) expect_exit 4 "$CRYPTDISK" resume "id:$uuid" -d "$KEY" --no-input ;;
	esac
	state_is moved.img locked
	resume moved.img
	dd if="$disk" of=back bs=64k count=1 iflag=direct status=none
	cmp data back
	ck close moved.img
}

# Another volume key in the very same container, as a header that was restored has it.
another_header_does_not_resume() { # BACKEND
	need_backend "$1"
	new_container box.img
	uuid=$(cryptsetup luksUUID box.img)
	foreign_container other.img "$(stat -c %s box.img)" --type luks2 --uuid "$uuid" \
		--sector-size 4096 --cipher aes-xts-plain64 --key-size 512 \
		--offset $(($(cryptsetup luksDump box.img | sed -n 's/^\toffset: \([0-9]*\) .*/\1/p' | head -n 1) / 512))
	open_disk box.img --backend "$1"
	head -c 64k /dev/urandom >data
	dd if=data of="$disk" conv=notrunc,fsync status=none
	ck lock box.img
	head -c 16M box.img >header
	dd if=other.img of=box.img bs=1M count=16 conv=notrunc,fsync status=none
	expect_exit 10 "$CRYPTDISK" resume box.img -d "$KEY" --no-input
	state_is box.img locked
	dd if=header of=box.img bs=1M conv=notrunc,fsync status=none
	resume box.img
	dd if="$disk" of=back bs=64k count=1 iflag=direct status=none
	cmp data back
}

unused_disk_can_be_closed() { # BACKEND
	need_backend "$1"
	new_container box.img
	open_disk box.img --backend "$1"
	head -c 64k /dev/urandom >data
	dd if=data of="$disk" conv=notrunc,fsync status=none
	ck lock box.img
	ck close box.img
	ck list --json
	expect_equal "$(json volumes)" "[]"
	[[ -z $(ls -A /run/cryptdisk | grep check) ]] || fail "the check value of the key is left"
	open_disk box.img --backend "$1"
	dd if="$disk" of=back bs=64k count=1 iflag=direct status=none
	cmp data back
}

# The kernel's own words: the table that is in force holds no key.
key_is_out_of_the_kernel() { # BACKEND
	local volume_key
	need_backend "$1"
	new_container box.img
	cryptsetup luksDump -q --dump-volume-key --key-file "$KEY" --volume-key-file vk box.img
	volume_key=$(xxd -p vk | tr -d '\n')
	mounted box.img --backend "$1"
	dmsetup table --showkeys | grep -q "$volume_key" || fail "the key was not there: this sees nothing"
	ck lock box.img
	! dmsetup table --showkeys | grep -q "$volume_key" || fail "the key is in the table"
	! dmsetup table --showkeys --inactive | grep -q "$volume_key" || fail "the key is in another table"
	! cat /proc/keys | grep -q "cryptsetup:" || fail "the key is in a keyring"
	resume box.img
	dmsetup table --showkeys | grep -q "$volume_key" || fail "the key did not come back"
	goes_on "$mnt/file"
}

# A lock that was killed after it had stopped everything: the next one takes the key, too.
lock_ends_what_a_killed_one_began() { # BACKEND
	local name
	need_backend "$1"
	new_container box.img
	mounted box.img --backend "$1"
	name=cryptdisk-$(cryptsetup luksUUID box.img)
	dmsetup suspend "$name"
	state_is box.img locked
	ck lock box.img --json
	expect_equal "$(json changed) $(json volume.state)" "true locked"
	dmsetup table --showkeys "$name" | grep -q ' 0000000000000000' || fail "the key was not wiped"
	resume box.img
	goes_on "$mnt/file"
}

twice_changes_nothing() { # BACKEND
	need_backend "$1"
	new_container box.img
	mounted box.img --backend "$1"
	ck resume box.img --no-input --json
	expect_equal "$(json changed) $(json volume.state)" "false mounted"
	ck lock box.img
	ck lock box.img --json
	valid_json
	expect_equal "$(json changed) $(json volume.state)" "false locked"
	expect_exit 11 timeout 30 "$CRYPTDISK" umount box.img
	expect_exit 11 timeout 30 "$CRYPTDISK" umount box.img --lazy
	expect_exit 11 timeout 30 "$CRYPTDISK" trim "$mnt"
	expect_exit 11 timeout 30 "$CRYPTDISK" resize box.img 100M -d "$KEY" --no-input
	resume box.img
	goes_on "$mnt/file"
}

force_ends_a_locked_volume() { # BACKEND
	need_backend "$1"
	new_container box.img
	mounted box.img --backend "$1"
	head -c 2M /dev/urandom >data
	cp data "$mnt/file"
	ck lock box.img
	in_background dd if=data of="$mnt/late" bs=64k conv=fsync status=none
	sleep 0.3
	milliseconds expect_exit 0 timeout 30 "$CRYPTDISK" umount box.img --force
	((elapsed < 15000)) || fail "$elapsed ms"
	! mountpoint -q "$mnt" || fail "still mounted"
	wait "$background" || true
	ck list --json
	expect_equal "$(json volumes)" "[]"
	mounted box.img --backend "$1"
	cmp data "$mnt/file"
}

not_what_is_mounted_over_it() { # BACKEND
	need_backend "$1"
	new_container box.img
	mounted box.img --backend "$1"
	truncate -s 16M cover.img
	mkfs.ext4 -q cover.img
	mount -o loop cover.img "$mnt"
	cleanup "umount -l $mnt"
	expect_exit 17 timeout 30 "$CRYPTDISK" lock box.img
	goes_on "$mnt/over"
	umount "$mnt"
	state_is box.img mounted
	goes_on "$mnt/file"
}

what_a_killed_lock_left_frozen() { # BACKEND
	need_backend "$1"
	new_container box.img
	mounted box.img --backend "$1"
	fsfreeze -f "$mnt"
	expect_exit 17 timeout 30 "$CRYPTDISK" lock box.img
	ck resume box.img --no-input --json
	expect_equal "$(json changed)" true
	goes_on "$mnt/file"
	fsfreeze -f "$mnt"
	milliseconds expect_exit 0 timeout 30 "$CRYPTDISK" umount box.img --force
	((elapsed < 15000)) || fail "$elapsed ms"
	mounted box.img --backend "$1"
	expect_equal "$(cat "$mnt/file")" x
}

eject_takes_it_away() { # BACKEND
	need_backend "$1"
	new_container box.img
	mounted box.img --backend "$1"
	echo data >"$mnt/file"
	ck eject box.img --json
	valid_json
	expect_equal "$(json changed) $(json medium.device)" "true /dev/vda"
	expect_equal "$(json medium.ready)" false
	! mountpoint -q "$mnt" || fail "still mounted"
	ck list --json
	expect_equal "$(json volumes)" "[]"
	mounted box.img --backend "$1"
	expect_equal "$(cat "$mnt/file")" data
	exec {held}<"$mnt/file"
	expect_exit 17 "$CRYPTDISK" eject box.img
	exec {held}<&-
	ck eject box.img
}
