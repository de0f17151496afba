# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
mkdir there
mount -t tmpfs tmpfs there
