# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
mkdir image
chown 65534 image
setpriv --reuid 65534 --regid 65534 --clear-groups mkdir "$T/image/mnt"
truncate -s 4M image/file
mke2fs -q -t ext4 -E root_owner=65534:65534 image/file
chown 65534 image/file
chmod 666 /dev/fuse
setpriv --reuid 65534 --regid 65534 --clear-groups fuse2fs "$T/image/file" "$T/image/mnt" -o fakeroot
cleanup "umount -l $T/image/mnt"
setpriv --reuid 65534 --regid 65534 --clear-groups truncate -s 1M "$T/image/mnt/inner"
setpriv --reuid 65534 --regid 65534 --clear-groups mountpoint -q "$T/image/mnt" || fail "fuse2fs did not mount it"
refused stat image/mnt/inner 2>/dev/null
refused cdkctl attach image/mnt/inner 2>/dev/null
cat >pass.py <<'PY'
import os, socket, sys
ours, theirs = socket.socketpair()
if os.fork() == 0:
    os.setgid(65534)
    os.setuid(65534)
    fd = os.open(sys.argv[1], os.O_RDWR)
    socket.send_fds(theirs, [b"x"], [fd])
    os._exit(0)
fd = socket.recv_fds(ours, 1, 1)[1][0]
os.set_inheritable(fd, True)
os.execvp("cdkctl", ["cdkctl", "attach", "fd:%d" % fd])
PY
read -r index generation < <(python3 pass.py "$T/image/mnt/inner")
cleanup "cdkctl detach -f $index"
echo "by descriptor" | dd of="/dev/cryptdisk$index" conv=fsync,notrunc status=none
expect_equal "$(setpriv --reuid 65534 --regid 65534 --clear-groups head -n 1 "$T/image/mnt/inner")" "by descriptor"
detach "$index"
umount image/mnt
