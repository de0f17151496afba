# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
n=0
for label in '../../up' 'a/b' '..' '-o suid' '%n%s' $'\xff\xfe'; do
	n=$((n + 1))
	new_container box$n.img
	label=$label edit_luks2 box$n.img 'import os; h["label"] = os.environb[b"label"]'
	ck info box$n.img --json
	valid_json
	mounted box$n.img
	parent=$(dirname "$mnt")
	[[ $(basename "$parent") == mnt && $(realpath "$mnt") == "$mnt" ]] || fail "$label: $mnt"
	ck umount box$n.img
done
