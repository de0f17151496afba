# SPDX-License-Identifier: GPL-2.0-or-later
requires_root
own_definitions
new_container box.img
chmod 644 box.img
umask 077
ck define work "$T/box.img"
expect_equal "$(stat -c '%a %U' "$definitions" "$definitions/work.conf" | xargs)" "755 root 644 root"
mkdir -m 700 house
chown 65534 house
chmod 711 .
as_user() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$T/house" "$CRYPTDISK" "$@"; }
expect_exit 0 as_user resolve work --json
expect_equal "$(json volume.file.path)" "$T/box.img"
expect_exit 7 as_user define work "$T/box.img" --global
expect_exit 0 as_user undefine work
expect_stderr 'by root for everybody'
# One's own comes first.
expect_exit 0 as_user define work "$T/house/other.img"
expect_exit 4 as_user resolve name:work --explain
expect_stderr "$T/house/other.img, by $T/house/.config/cryptdisk/volumes.d/work.conf"
# Root never looks there, and a home that is not one's own is none.
ck resolve work --json
expect_equal "$(json volume.file.path)" "$T/box.img"
expect_exit 0 setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/root "$CRYPTDISK" resolve work
expect_exit 4 setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/dev/null "$CRYPTDISK" resolve none
