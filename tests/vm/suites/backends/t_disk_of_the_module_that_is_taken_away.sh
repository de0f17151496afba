# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 180
. /t/suites/backends/lib.sh
need_module
backend=kmod
box c.img
mounts c.img
echo kept >"$mnt/kept"
sync
index=$(below "$(name_of c.img)")
cdkctl detach -f "${index#cryptdisk}"
ck list --json
expect_equal "$(json 'volumes[0].state')" stale
expect_exit 0 "$CRYPTDISK" umount c.img --no-input --force
nothing_mapped
mounts c.img
expect_equal "$(<"$mnt/kept")" kept
unmount c.img
# A disk that nothing is mapped over is shown, and is in nobody's way.
index=$(cdkctl attach -i 7 c.img) index=${index%% *}
ck list --json
expect_equal "$(json 'volumes[0].state')" stale
ck umount "/dev/cryptdisk$index" --no-input
nothing_mapped
