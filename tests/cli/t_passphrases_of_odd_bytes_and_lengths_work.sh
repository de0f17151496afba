# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
requires cryptsetup
i=0
for make in 'printf "\0\1\2\n\377"' 'head -c 512 /dev/urandom' 'head -c 600 /dev/zero | tr "\0" x' \
	'printf "gr\303\274n"' 'head -c 100000 /dev/urandom'; do
	i=$((i + 1))
	eval "$make" >odd
	ck create box$i.img --size 20M --fs none -d odd "${KDF[@]}" --no-input
	opens_with box$i.img odd
	cryptsetup_opens box$i.img odd
done
long=$(head -c 512 /dev/zero | tr '\0' y)
printf '%s\n' "$long" | "$CRYPTDISK" create line.img --size 20M --fs none --passphrase-stdin "${KDF[@]}" --no-input >"$out" 2>"$err"
printf %s "$long" >odd
opens_with line.img odd
