# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 240
. "${BASH_SOURCE[0]%/*}/lib.sh"
ck doctor --json
valid_json
box box.img
need_module
for backend in fuse loop kmod; do
	mounted box.img --backend "$backend"
	ck list --json
	valid_json
	expect_equal "$(json volumes[0].id)" "$id"
	expect_equal "$(json volumes[0].link)" "$link"
	ck umount box.img
done
