# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
insmod "/t/suites/$SUITE/seeded.ko" bug=overrun
rmmod seeded
