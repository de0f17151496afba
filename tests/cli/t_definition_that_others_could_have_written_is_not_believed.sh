# SPDX-License-Identifier: GPL-2.0-or-later
own_definitions
new_container box.img
ck define good "$T/box.img"

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
# A folder that is not believed has no definitions: other words for a volume go on to be understood.
chmod g+w "$definitions"
expect_exit 4 "$CRYPTDISK" resolve good
expect_stderr 'not believed'
expect_exit 7 "$CRYPTDISK" define new "$T/box.img"
chmod g-w "$definitions"
believed good
if is_root; then
	chown 65534 "$definitions/good.conf"
	disbelieved good
	chown 0 "$definitions/good.conf"
	chown 65534 "$definitions/.."
	expect_exit 4 "$CRYPTDISK" resolve good
	chown 0 "$definitions/.."
	believed good
fi
