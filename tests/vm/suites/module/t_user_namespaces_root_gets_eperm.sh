# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 1M
gives EPERM unshare -Ur cdkctl attach image
gives EPERM unshare -Ur cdkctl detach 0
gives EPERM unshare -Ur cdkctl note 0 mounted
expect_equal "$(unshare -Ur cdkctl abi)" 1
expect_equal "$(stat -c '%a %U' /dev/cryptdisk-control)" "600 root"
gives EACCES setpriv --reuid 65534 --clear-groups cdkctl abi
