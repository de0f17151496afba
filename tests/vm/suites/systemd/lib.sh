# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of udev's suite share is good here, too.
. /t/suites/udev/lib.sh
