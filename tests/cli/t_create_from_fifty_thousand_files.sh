# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
mkdir tree
"$PYTHON" - <<'PY'
import os
for d in range(100):
    os.mkdir(f"tree/{d}")
    for i in range(500):
        with open(f"tree/{d}/{i}", "w") as f:
            f.write(str(i))
PY
truncate -s 2G tree/hole
ck create box.img --from tree -d "$KEY" "${KDF[@]}" --no-input
mounted box.img
expect_equal "$(find "$mnt" -type f -not -path '*/lost+found*' | wc -l)" 50001
expect_equal "$(cat "$mnt/99/499")" 499
ck umount box.img
