# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing a 1M
backing b 1M
attach -i 1 a
gives EINVAL cdkctl attach -f 32 fd:99
gives EBADF cdkctl attach -m wo -o 8M a
gives EROFS cdkctl attach -m ro -o 8M a
gives ENOSPC cdkctl attach -i 1 -o 8M a
gives EBUSY cdkctl attach -i 1 a
gives EEXIST cdkctl attach -i 1 b
