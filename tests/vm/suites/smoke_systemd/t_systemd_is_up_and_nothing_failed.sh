# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
state=$(systemctl is-system-running --wait) || true
expect_equal "$state" running "$(systemctl --failed --no-legend --plain)"
