# SPDX-License-Identifier: GPL-2.0-or-later
mkdir many
"$PYTHON" -c 'for i in range(6000): open(f"many/{i}", "w").write("x" * 5000)'
in_background "$CRYPTDISK" create box.img --from many -d "$KEY" --no-input "${KDF[@]}"
making() { pgrep -P "$background" -f mke2fs\|mkfs; }
wait_for 30 making
kill -INT "$background"
ended_with 15
expect_equal "$(find . -name '*box.img*')" ""
expect_equal "$(pgrep -P "$background" || true)" ""
