#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# root.sh: prints the guest's root, a squashfs made from Debian's packages as this machine's apt
# sources have them. They are unpacked and not installed: no root is needed, no package's script
# runs, and what those scripts would have made is made here.
. "$(dirname "$0")/lib.sh"

# The program is linked with this machine's libraries: with others there is another root.
libraries() { dpkg-query -W -f '${Package} ${Version}\n' libc6 libcryptsetup12 libgcrypt20 libext2fs2 libfuse3-3; }
key=$({ cat "$VM/guest/packages" "$VM/root.sh"; libraries; } | sha256sum | head -c 12)
result=$CACHE/root-$key.squashfs

unpacked() { # FOLDER PACKAGE...
	local root=$1 deb
	shift
	mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
	for deb in bin sbin lib lib64; do ln -s "usr/$deb" "$root/$deb"; done
	apt "$scratch/apt" -y -d install "$@"
	for deb in "$scratch"/apt/archives/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -p -C "$root" --keep-directory-symlink \
			--no-same-owner --exclude='./usr/share/'{doc,man,locale,info,bash-completion}/'*' \
			--exclude='./usr/share/perl*' --exclude='./usr/lib/*/perl*'
	done
}

accounts() { # ETC
	local name number=900
	cp "$1/../usr/share/base-passwd/passwd.master" "$1/passwd"
	cp "$1/../usr/share/base-passwd/group.master" "$1/group"
	sed -i 's/^root:[^:]*:/root::/; s/:\*:/:x:/' "$1/passwd" "$1/group"
	for name in messagebus systemd-network systemd-resolve systemd-timesync; do
		echo "$name:x:$((++number)):$number::/nonexistent:/usr/sbin/nologin" >>"$1/passwd"
		echo "$name:x:$number:" >>"$1/group"
	done
	for name in systemd-journal input kvm render sgx; do
		echo "$name:x:$((++number)):" >>"$1/group"
	done
	for name in alice bob; do
		echo "$name:x:$((++number + 100)):$((number + 100))::/home/$name:/bin/bash" >>"$1/passwd"
		echo "$name:x:$((number + 100)):" >>"$1/group"
	done
	awk -F: '{ print $1 ($1 == "root" ? "::" : ":*:") "19000:0:99999:7:::" }' "$1/passwd" >"$1/shadow"
	chmod 640 "$1/shadow"
}

pam() { # ETC/pam.d
	echo 'auth required pam_permit.so' >"$1/common-auth"
	echo 'account required pam_permit.so' >"$1/common-account"
	echo 'password required pam_deny.so' >"$1/common-password"
	echo 'session required pam_permit.so' >"$1/common-session-noninteractive"
	printf 'session required pam_permit.so\nsession optional pam_systemd.so\n' >"$1/common-session"
}

# Without a machine-id, or with first-boot questions, systemd waits for a key.
systemd() { # ETC
	local name units=$1/systemd/system
	echo 0123456789abcdef0123456789abcdef >"$1/machine-id"
	mkdir -p "$units"
	for name in systemd-firstboot systemd-timesyncd systemd-networkd systemd-resolved e2scrub_reap \
		systemd-random-seed systemd-hwdb-update systemd-update-utmp systemd-binfmt \
		systemd-pstore systemd-machine-id-commit getty@ serial-getty@ autofs; do
		ln -sfn /dev/null "$units/$name.service"
	done
	for name in e2scrub_all fstrim dpkg-db-backup apt-daily apt-daily-upgrade; do
		ln -sfn /dev/null "$units/$name.timer"
	done
}

configured() { # FOLDER
	local root=$1
	accounts "$root/etc"
	pam "$root/etc/pam.d"
	systemd "$root/etc"
	ln -s mawk "$root/usr/bin/awk"
	ln -s which.debianutils "$root/usr/bin/which"
	echo guest >"$root/etc/hostname"
	printf '127.0.0.1 localhost guest\n' >"$root/etc/hosts"
	printf 'passwd: files systemd\ngroup: files systemd\nshadow: files\nhosts: files\n' \
		>"$root/etc/nsswitch.conf"
	chmod u+s "$root/usr/bin/fusermount3"
	: >"$root/etc/fstab"
	ln -sfn /proc/self/mounts "$root/etc/mtab"
	mkdir -p "$root"/{scratch,t,proc,sys,dev,run,tmp,mnt,root} "$root"/home/{alice,bob}
	chmod 1777 "$root/tmp"
	chmod 700 "$root/root"
	rm -rf "$root"/usr/share/{icons,zoneinfo,common-licenses} "$root/usr/lib/udev/hwdb.d"
	# An emulated processor should not have to compile Python's library at every start.
	python3 -m compileall -q --invalidation-mode unchecked-hash "$root"/usr/lib/python3* || true
}

make_root() {
	step "the guest's root"
	scratch scratch root
	local names
	mapfile -t names < <(grep -v '^#' "$VM/guest/packages" | xargs -n 1)
	unpacked "$scratch/root" "${names[@]}"
	configured "$scratch/root"
	chmod 755 "$scratch/root"
	squash "$scratch/root" "$scratch/image"
	mv "$scratch/image" "$result"
	step "the guest's root: $(du -h "$result" | cut -f 1)"
}

made_once "$result" make_root
echo "$result"
