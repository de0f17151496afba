# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
new_container one
new_container two
[[ $("$CRYPTDISK" id show one) != "$("$CRYPTDISK" id show two)" ]]
mounted one
mounted two
