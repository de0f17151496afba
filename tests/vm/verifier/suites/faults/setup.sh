# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All faults of one task, whatever the allocation may wait for, without a line for each.
for kind in failslab fail_page_alloc fail_usercopy; do
	folder=/sys/kernel/debug/$kind
	for switch in ignore-gfp-wait ignore-gfp-highmem cache-filter task-filter; do
		[[ ! -e $folder/$switch ]] || echo N >"$folder/$switch"
	done
	[[ ! -e $folder/min-order ]] || echo 0 >"$folder/min-order"
	echo 0 >"$folder/verbose"
done
