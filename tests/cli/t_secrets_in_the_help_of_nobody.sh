# SPDX-License-Identifier: GPL-2.0-or-later
ck --help
! grep -qE -- '--pass(word|wd)[ =]' "$out" || fail "--password is offered"
