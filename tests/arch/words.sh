#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No word of unfinished work, no path of one machine and no package host is in the tree.
set -u
unfinished='TO''DO|FIX''ME|\bXX''X\b|not imple''mented|unimple''mented'
machine='/ho''me/[a-z]|/ro''ot/|/tmp/w''t|/wo''rk/|deb +(\[[^]]*\] +)?https?:/''/'
bad=0
git grep -nIE --untracked "$unfinished" -- . ':!LICENSE' ':!tests/fuzz/corpus' && bad=1
git grep -nIE --untracked "$machine" -- . ':!LICENSE' ':!tests/fuzz/corpus' && bad=1
exit $bad
