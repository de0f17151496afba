# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 4M
attach -b 4096 image
udevadm settle
echo '<6>what comes now is silent' >/dev/kmsg
expect_equal "$(blockdev --getsize64 --getss --getpbsz --getro "$disk" | xargs)" "4194304 4096 4096 0"
blockdev --setro "$disk"
blockdev --setrw "$disk"
blockdev --flushbufs "$disk"
blkdiscard "$disk"
blkdiscard -z "$disk"
sfdisk -l "$disk" >/dev/null
python3 - "$disk" <<'PY'
import errno, fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDWR)
# SG_IO, HDIO_GETGEO, HDIO_GET_IDENTITY, CDROMEJECT, SCSI_IOCTL_GET_IDLUN, LOOP_CLR_FD, our own
for number in 0x2285, 0x0301, 0x030d, 0x5309, 0x5382, 0x4c01, 0xc088da01, 0xda00:
    try:
        fcntl.ioctl(fd, number, bytes(256))
        sys.exit("%x was accepted" % number)
    except OSError as e:
        if e.errno != errno.ENOTTY:
            sys.exit("%x: %s" % (number, e))
PY
dmesg | sed '1,/what comes now is silent/d' >said
[[ ! -s said ]] || fail "the log is not silent: $(<said)"
