# SPDX-License-Identifier: GPL-2.0-or-later
head -c 1M /dev/urandom >junk
: >empty
head -c 1M /dev/zero >zeros
echo hello >text
for file in junk empty zeros text; do
	unchanged_by $file 4 "$CRYPTDISK" info $file --json
	valid_json
	expect_stdout $file
	unchanged_by $file 4 "$CRYPTDISK" mount $file -d "$KEY" --no-input
done
