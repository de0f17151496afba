# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
ln image other-name
attach -i 1 -r image
attach -i 2 -r other-name
detach "$index"
gives EBUSY cdkctl attach -i 3 other-name
attach -i 3 -r image
