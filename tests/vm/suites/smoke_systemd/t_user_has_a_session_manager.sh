# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
uid=$(id -u alice)
cleanup "systemctl stop user@$uid.service"
systemctl start "user@$uid.service"
ok systemd-run -q --user -M alice@ --wait --pipe /usr/bin/id -un
expect_stdout '^alice$'
