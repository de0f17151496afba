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
wrong '[Volume]\n' '.'
wrong '' 'is empty'
wrong '[Volume]\nFile=/x\0y\n' 'there is a byte 0'
wrong "[Volume]\nFile=/$(printf 'a%.0s' {1..4200})\n" 'line 2: File is too long'
head -c 70000 /dev/zero | tr '\0' '#' >"$definitions/wrong.conf"
expect_exit 1 "$CRYPTDISK" resolve wrong

# Who could have written it decides whether it is believed.
ck define mine "$T/box.img"
believed() { ck resolve "$1"; }
disbelieved() { expect_exit 7 "$CRYPTDISK" resolve "$1"; expect_stderr 'not believed'; }
for mode in 0620 0602 0666; do
	chmod $mode "$definitions/mine.conf"
	disbelieved mine
	believed good
done
chmod 0644 "$definitions/mine.conf"
believed mine
mv "$definitions/mine.conf" elsewhere
ln -s "$T/elsewhere" "$definitions/mine.conf"
expect_exit 4 "$CRYPTDISK" resolve mine
rm "$definitions/mine.conf"
mkdir "$definitions/mine.conf"
expect_exit 1 "$CRYPTDISK" resolve mine
rmdir "$definitions/mine.conf"
mkfifo "$definitions/mine.conf"
expect_exit 1 timeout 10 "$CRYPTDISK" resolve mine
rm "$definitions/mine.conf"
chmod g+w "$definitions"
disbelieved good
chmod g-w "$definitions"
believed good
if is_root; then
	chown 65534 "$definitions/good.conf"
	disbelieved good
	chown 0 "$definitions/good.conf"
	chown 65534 "$definitions/.."
	disbelieved good
	chown 0 "$definitions/.."
fi
