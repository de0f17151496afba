#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No name that is installed begins with "cryptdisks" (Debian's cryptsetup owns those), and nothing
# that is installed is setuid or setgid.
set -eu
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
DESTDIR=$root cmake --install build >/dev/null
installed=$(find "$root" -not -type d -printf '%P\n')
[[ -n $installed ]]
! grep -E '(^|/)cryptdisks' <<<"$installed" || exit 1
! find "$root" -type f -perm /6000 | grep . || exit 1
