# SPDX-License-Identifier: GPL-2.0-or-later
own_definitions
new_container box.img
ck define good "$T/box.img"
wrong() { # TEXT WHAT IT SAYS
	printf "$1" >"$definitions/wrong.conf"
	expect_exit 1 "$CRYPTDISK" resolve wrong
	expect_stderr "wrong.conf: $2"
	ck resolve good
}
wrong '[Volume]\nFile=/x\nColour=blue\n' 'line 3: there is no key Colour'
wrong '[Volume]\nFile=x\n' 'line 2: File is not what'
wrong '[Volume]\nFile=/x\n\nBackend=magic\n' 'line 4: Backend is not what'
wrong '[Volume]\nFile=/x\nId=123\n' 'line 3: Id is not what'
wrong '[Volume]\nFile=/x\nMountPoint=../y\n' 'line 3: MountPoint is not what'
wrong '[Volume]\nFile=/x\nFile=/y\n' 'line 3: .*uplicate'
wrong '[Volume]\nFile=/x\nnonsense\n' 'line 3: '
wrong '[Volume]\nFile=/x\n[Volume\n' 'line 3: '
wrong '[Volume]\nFile=/x\n[Other]\nA=b\n' 'only the section'
wrong 'File=/x\n' 'only the section'
wrong '[Volume]\n' 'there is no'
wrong '' 'is empty'
wrong '[Volume]\nFile=/x\0y\n' 'there is a byte 0'
wrong "[Volume]\nFile=/$(printf 'a%.0s' {1..4200})\n" 'line 2: File is too long'
head -c 70000 /dev/zero | tr '\0' '#' >"$definitions/wrong.conf"
expect_exit 1 "$CRYPTDISK" resolve wrong

printf '[Volume]\nFile=/x\nIdle=5m\n' >"$definitions/wrong.conf"
expect_exit 12 "$CRYPTDISK" resolve wrong
expect_stderr 'line 3: Idle is not in this version'
ck define wrong "$T/box.img" --force
expect_stderr 'could not be read and is gone'
