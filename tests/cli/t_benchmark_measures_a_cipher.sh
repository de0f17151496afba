# SPDX-License-Identifier: GPL-2.0-or-later
ck benchmark --cipher aes-xts-plain64 --json
valid_json
