# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by this suite's tests: the same story on every backend.


# cycle_is_one_story BACKEND: twice mounted, with three listeners and one that is nobody
cycle_is_one_story() {
	local n one all=() once="arrived unlocked linked mounted unmounting unmounted locked departed:user"
	need_backend "$1"
	new_container box.img
	for n in 1 2 3; do
		listening
		all+=("$events")
	done
	for n in 1 2; do
		mounted box.img --backend "$1"
		ck umount box.img
	done
	for one in "${all[@]}"; do
		wait_for 30 has_told departed 2 "$one"
		valid_events "$one"
		expect_equal "$(story "$one")" "$once $once"
	done
	head -n 1 "$one" >line
	expect_equal "$(json volume.backend line) $(json volume.scope line)" "$1 global"
	! grep -F -e box -e / /run/cryptdisk/events || fail "the log for everybody names a path"
	ok setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$PATH" \
		"$CRYPTDISK" events --scope global --since 0 --timeout 0 --json \
		"id:$("$CRYPTDISK" id show box.img)"
	expect_equal "$(told arrived "$out") $(told departed "$out")" "2 2"
}

# open_and_close_is_one_story BACKEND: with a block device the link comes before a mount
open_and_close_is_one_story() {
	need_backend "$1"
	new_container box.img
	listening
	open_disk box.img --backend "$1"
	ok "$CRYPTDISK" events --wait unlocked box.img --timeout 30
	ck lock box.img
	ck resume box.img -d "$KEY" --no-input
	ck close box.img
	wait_for 30 has_told departed 1
	ok "$CRYPTDISK" events --wait departed box.img --timeout 30
	expect_equal "$(story)" "arrived unlocked linked locked unlocked locked departed:user"
	valid_events
}

# resize_is_told BACKEND
resize_is_told() {
	need_backend "$1"
	new_container box.img
	listening
	mounted box.img --backend "$1"
	ck resize box.img 80M
	wait_for 30 has_told resized 1
	ck eject box.img
	wait_for 30 has_told departed 1
	expect_equal "$(story)" \
		"arrived unlocked linked mounted resized unmounting unmounted locked departed:user"
}

# end_is_told_once REASON COMMAND...: whoever takes it away tells nobody, and three listeners tell it
end_is_told_once() {
	local reason=$1 one all=("$events")
	shift
	for _ in 1 2; do
		listening
		all+=("$events")
	done
	"$@"
	for one in "${all[@]}"; do
		wait_for 30 has_told departed 1 "$one"
	done
	# By its ID: of a disk of the module that is gone nobody can tell the container.
	"$CRYPTDISK" umount "id:$("$CRYPTDISK" id show box.img)" --force || true
	ck umount box.img
	# The next one of this name is a new one.
	mounted box.img --backend "$BACKEND"
	ck umount box.img
	for one in "${all[@]}"; do
		wait_for 30 has_told departed 2 "$one"
		expect_equal "$(told departed "$one")" 2
		grep '"departed"' "$one" | head -n 1 >line
		expect_equal "$(json reason line)" "$reason"
	done
	expect_equal "$(told arrived "${all[0]}")" 2
	valid_events "${all[0]}"
}
