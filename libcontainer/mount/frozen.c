// SPDX-License-Identifier: GPL-2.0-or-later
/* Making a mounted filesystem stand still, and never leaving it so by accident. */
#include "mount/mounting.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

/* To thaw writes to the disk: it would wait, with the superblock's lock that every sync takes. */
static bool disk_is_suspended(dev_t disk)
{
	_cleanup_close_ int fd = -1;
	char path[64], state = '0';

	(void)snprintf(
		path, sizeof(path), "/sys/dev/block/%u:%u/dm/suspended", major(disk), minor(disk));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, &state, 1) == 1 && state == '1';
}

/*
 * The guard: a process that holds the mount point and waits. When we end without a word, killed
 * included, its pipe closes and it thaws; nobody else would, and every writer would hang for ever.
 * What is locked by then stays frozen until it is resumed.
 */
static void guard_main(int mount_fd, int pipe_fd, dev_t disk) __attribute__((noreturn));
static void guard_main(int mount_fd, int pipe_fd, dev_t disk)
{
	char byte;
	ssize_t n;
	int low = mount_fd < pipe_fd ? mount_fd : pipe_fd;
	int high = mount_fd < pipe_fd ? pipe_fd : mount_fd;

	/* Out of the terminal's process group, and without anything that is not its business. */
	(void)setsid();
	if (low > 0)
		(void)syscall(SYS_close_range, 0u, (unsigned int)low - 1, 0u);
	if (high > low + 1)
		(void)syscall(SYS_close_range, (unsigned int)low + 1, (unsigned int)high - 1, 0u);
	(void)syscall(SYS_close_range, (unsigned int)high + 1, ~0u, 0u);
	do
		n = read(pipe_fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1 && !disk_is_suspended(disk))
		(void)ioctl(mount_fd, FITHAW, 0);
	_exit(0);
}

static int guard_start(struct cdisk_freeze *z)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return cdisk_fail(z->c, -errno, "cannot make a pipe: %s", strerror(errno));
	z->guard = fork();
	if (z->guard == 0) {
		close(fds[1]);
		guard_main(z->fd, fds[0], z->disk);
	}
	close(fds[0]);
	if (z->guard < 0) {
		close(fds[1]);
		return cdisk_fail(z->c, -errno, "cannot start a process: %s", strerror(errno));
	}
	z->guard_fd = fds[1];
	return 0;
}

void cdisk_freeze_done(struct cdisk_freeze *z)
{
	int saved = errno;

	if (z->frozen && !z->keep)
		(void)ioctl(z->fd, FITHAW, 0);
	if (z->guard > 0) {
		/* Thawed here, so the guard must not do it again: somebody else may freeze next. */
		(void)!write(z->guard_fd, "d", 1);
		close(z->guard_fd);
		while (waitpid(z->guard, NULL, 0) < 0 && errno == EINTR)
			;
	}
	cdisk_close(&z->fd);
	errno = saved;
}

int cdisk_freeze_start(struct cdisk_freeze *z, const char *mountpoint)
{
	int r = guard_start(z);

	if (r < 0)
		return r;
	if (ioctl(z->fd, FIFREEZE, 0) < 0) {
		r = -errno;
		if (r == -EBUSY)
			return cdisk_fail(z->c, r, "'%s' is frozen by somebody else", mountpoint);
		if (r == -EPERM)
			return cdisk_fail(
				z->c, r, "freezing the filesystem at '%s' takes root", mountpoint);
		return cdisk_fail(z->c, r, "cannot freeze the filesystem at '%s': %s", mountpoint,
			strerror(-r));
	}
	z->frozen = true;
	return 0;
}
