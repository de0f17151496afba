# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
[[ -d /lib/modules/$(uname -r) ]] || fail "no modules for $(uname -r)"
for module in dm-crypt dm-flakey dm-log-writes dm-delay loop fuse; do
	modprobe "$module" || fail "modprobe $module"
done
