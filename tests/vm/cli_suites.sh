#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cli_suites.sh SUITES OUT: copies the suites to OUT and fills those whose suite.conf says CLI=BACKEND
# with the tests of tests/cli that open a volume, over that backend. Left out are those that are
# about an ordinary user, and those that say "backend NAME..." and name another. Without
# CRYPTDISK_LONG=1 it is what tests/vm/cli_default lists.
. "$(dirname "$0")/lib.sh"
suites=$1 out=$2
opens='(^|[^a-z_])(mounted|open_disk) |(ck|"\$CRYPTDISK"|cdisk) (mount|open)([^a-z]|$)'

# concerns BACKEND SCRIPT
concerns() {
	local named
	grep -qE "$opens" "$2" || return 1
	! grep -qx requires_user "$2" || return 1
	named=$(sed -n 's/^backend //p' "$2")
	[[ -z $named || " $named " == *" $1 "* ]] || return 1
	((${CRYPTDISK_LONG:-0})) || grep -qx "$(basename "$2" .sh)" "$VM/cli_default"
}

cp -rL "$suites" "$out"
for conf in "$out"/*/suite.conf; do
	backend=$(sed -n 's/^CLI=//p' "$conf")
	[[ $backend ]] || continue
	for script in "$TREE"/tests/cli/t_*.sh; do
		concerns "$backend" "$script" || continue
		name=$(basename "$script")
		printf '%s\n' '# SPDX-License-Identifier: GPL-2.0-or-later' '# LIMIT 240' \
			"use_backend $backend" ". /t/tests/cli/$name" \
			>"${conf%/*}/$name"
	done
done
