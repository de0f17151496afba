# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host filesystem with a container on a device whose writes are logged (dm-log-writes, the log on
# /dev/vdc). A power cut is the log played up to some entry: what was completed before a flush, and
# nothing that came later.
SECTORS=$((64 << 11))
CUTS=3 FILES=12
((LONG)) && CUTS=200 FILES=24

# part NAME FIRST: a piece of /dev/vdb
part() {
	echo "0 $SECTORS linear /dev/vdb $2" | dmsetup create "$1"
	cleanup "dmsetup remove --retry $1"
}

# logged_host FILE: FILE lies in a filesystem below host/, and all that is written there is logged
logged_host() {
	modprobe dm-log-writes
	modprobe dm-snapshot
	part before 0
	part replay $((256 << 11))
	mkfs.ext4 -q -F /dev/mapper/before
	mkdir -p host
	mount /dev/mapper/before host
	cp --sparse=always "$1" host/box.img
	umount host
	dd if=/dev/mapper/before of=/dev/mapper/replay bs=1M oflag=direct status=none
	echo "0 $SECTORS log-writes /dev/mapper/before /dev/vdc" | dmsetup create logged
	cleanup "dmsetup remove --retry logged"
	mount /dev/mapper/logged host
	cleanup "umount $T/host"
}
mark() { dmsetup message logged 0 mark "$1"; }

# end_of_log: nothing is mounted from it any more; the entries are listed in ./log
end_of_log() {
	umount host
	dmsetup remove --retry logged
	replaylog /dev/vdc >log
	entries=$(wc -l <log)
	echo "$entries entries"
}
# entry_of MARK: its number
entry_of() { awk -v mark="$1" '$5 == mark { print $1 }' log; }

# cuts FROM TO: CUTS entries between these, rising; the same ones at every run
cuts() {
	local i
	RANDOM=4711
	for ((i = 0; i < CUTS; i++)); do
		echo $(($1 + (RANDOM << 15 | RANDOM) % ($2 - $1 + 1)))
	done | sort -n
}

# at_cut ENTRY CMD...: CMD with the host as it was found after the power came back, mounted at cut/
played=0
at_cut() {
	local cow
	replaylog /dev/vdc /dev/mapper/replay "$played" "$1"
	played=$1
	shift
	truncate -s 64M cow
	cow=$(losetup -f --show cow)
	echo "0 $SECTORS snapshot /dev/mapper/replay $cow N 8" | dmsetup create cut
	mkdir -p cut
	mount /dev/mapper/cut cut
	"$@"
	umount cut
	dmsetup remove --retry cut
	losetup -d "$cow"
	rm cow
}
cut_cleanup() {
	"$CRYPTDISK" umount cut/box.img --force
	umount cut
	dmsetup remove --retry cut
	losetup -j cow -O NAME -n | xargs -r losetup -d
}

# The volume after the cut: files that were synced before entry $1 are there, and it checks clean.
volume_is_whole() {
	local n want
	ck mount cut/box.img -d "$KEY" --no-input --backend "$backend"
	mnt=$(tail -n 1 "$out")
	seen=0
	while read -r n want; do
		(($(entry_of "synced-$n") < $1)) || continue
		expect_equal "$(sha256sum <"$mnt/$n" | cut -d ' ' -f 1)" "$want" "file $n after a cut at $1"
		seen=$((seen + 1))
	done <sums
	echo "cut at $1: $seen files, $(find "$mnt" -type f | wc -l) there"
	ck umount cut/box.img
	ck fsck cut/box.img -d "$KEY" --no-input
}

# write_and_sync N: a file of its own, and one that is written over and over
write_and_sync() {
	head -c $((RANDOM * 8 + 1)) /dev/urandom >data
	dd if=data of="$mnt/$1" bs=64k conv=fsync status=none
	mark "synced-$1"
	echo "$1 $(sha256sum <data | cut -d ' ' -f 1)" >>sums
	# What nobody waits for.
	head -c 50000 /dev/urandom >"$mnt/unsynced"
	[[ $(($1 % 3)) != 0 ]] || rm "$mnt/unsynced"
}

synced_files_survive() { # BACKEND
	local n at least=0
	backend=$1
	[[ $1 != kmod ]] || need_module
	foreign_container box.img 24M --type luks2 --luks2-metadata-size 16k --luks2-keyslots-size 256k
	/usr/sbin/cryptsetup open --key-file "$KEY" box.img box-being-made
	mkfs.ext4 -q /dev/mapper/box-being-made
	/usr/sbin/cryptsetup close box-being-made
	logged_host box.img
	mounted host/box.img --backend "$1"
	mark begin
	for ((n = 1; n <= FILES; n++)); do
		write_and_sync "$n"
	done
	mark end
	ck umount host/box.img
	end_of_log
	cleanup cut_cleanup
	for at in $(cuts "$(entry_of begin)" "$(entry_of end)") "$entries"; do
		at_cut "$at" volume_is_whole "$at"
		((at == entries || seen == FILES)) || least=1
	done
	expect_equal "$seen" $FILES
	((least)) || fail "no cut was before the end: nothing was tried"
}
