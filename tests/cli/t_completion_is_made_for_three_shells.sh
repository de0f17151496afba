# SPDX-License-Identifier: GPL-2.0-or-later
for shell in bash zsh fish; do
	ck completion $shell
	expect_stdout umount
done
ck completion bash
bash -n "$out"
expect_exit 1 "$CRYPTDISK" completion nosuchshell
