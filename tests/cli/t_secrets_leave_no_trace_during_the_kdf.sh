# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
requires_fuse
secret='Tr0ub4dor-and-3-horses-in-a-stable'
printf %s "$secret" >"$KEY"
hex=$(xxd -p "$KEY" | tr -d '\n')
new_container box.img
edit_luks2 box.img "j['keyslots']['0']['kdf']['time'] = 200"
for verb in open mount; do
	in_background "$CRYPTDISK" $verb box.img -d "$KEY" --no-input
	busy() { (($(ps -o rss= -p "$background") > 50000)); }
	wait_for 10 busy
	kill -STOP "$background"
	read -r copies outside <<<"$("$PYTHON" "$CRYPTDISK_PREFIX/tests/cli/scan_memory.py" "$background" "$hex")"
	grep -q '^Max core file size  *0 ' "/proc/$background/limits" || fail "cores are not off"
	kill -CONT "$background"
	kill -INT "$background"
	wait "$background" || true
	((copies >= 1)) || fail "$verb: the scan found nothing: it is blind"
	# The program's own, and the one that argon2 has until it has hashed it.
	((copies <= 2 && outside == 0)) || fail "$verb: $copies copies, $outside outside the locked pool"
done
! grep -rqF "$secret" .background.out .background.err || fail "it was printed"
