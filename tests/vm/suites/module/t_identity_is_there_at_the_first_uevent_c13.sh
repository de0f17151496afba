# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
mkdir -p /run/udev/rules.d
cat >/run/udev/rules.d/99-see.rules <<'RULE'
ACTION=="add", KERNEL=="cryptdisk[0-9]*", RUN+="/bin/sh -c 'cd /sys$devpath/cryptdisk && grep . * >/run/seen.new; grep . ../size ../ro ../removable >>/run/seen.new; mv /run/seen.new /run/seen'"
RULE
cleanup "rm -f /run/udev/rules.d/99-see.rules /run/seen; udevadm control --reload"
udevadm control --reload
backing image 1M
attach -i 171 -L backup.2026 -f $((AUTOCLEAR | REMOVABLE)) image
wait_for 20 test -e /run/seen
told() { udevadm info --query=property --name="$disk" | grep '^CRYPTDISK_' | sort | xargs; }
told_all() { [[ $(told) == *CRYPTDISK_VOLUME_ID=* ]]; }
wait_for 20 told_all
expect_equal "$(told)" "CRYPTDISK_GENERATION=$generation CRYPTDISK_LABEL=backup.2026 CRYPTDISK_STATE=locked \
CRYPTDISK_VOLUME_ID=abababab-abab-abab-abab-abababababab"
expect_equal "$(xargs </run/seen)" "autoclear:1 duplicate:0 generation:$generation io_errors:0 \
label:backup.2026 mounted:0 volume_id:abababab-abab-abab-abab-abababababab ../size:2048 ../ro:0 ../removable:1"
expect_equal "$(cd "$sys/cryptdisk" && stat -c %a ./* | sort -u)" 444
expect_equal "$(field volume_id)" "$(printf 'ab%.0s' {1..16})"
expect_equal "$(field devt)" "$(python3 -c 'import os, sys; print(os.stat(sys.argv[1]).st_rdev)' "$disk")"
expect_equal "$(field backing_ino)" "$(stat -c %i image)"
