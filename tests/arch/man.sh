#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every man page is rendered by scdoc, and by man without a warning.
set -u
command -v scdoc >/dev/null || { echo "needs scdoc"; exit 77; }
command -v man >/dev/null || { echo "needs man"; exit 77; }
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
bad=0
for source in docs/man/*.scd; do
	page=$pages/$(basename "$source" .scd)
	scdoc <"$source" >"$page" || { echo "$source: scdoc failed"; bad=1; continue; }
	said=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
	[[ -z $said ]] || { echo "$source: $said"; bad=1; }
done
exit $bad
