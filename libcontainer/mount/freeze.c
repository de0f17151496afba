// SPDX-License-Identifier: GPL-2.0-or-later
/* Free ranges of a mounted filesystem, which stands still while they are used. */
#include "mount/mount.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fsmap.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include "base/util.h"

#define RECORDS 1024

struct freeze {
	struct cdisk *c;
	int fd; /* the mount point */
	int guard_fd;
	pid_t guard;
	bool frozen;
};

/*
 * The guard: a process that holds the mount point and waits. When we end without a word, killed
 * included, its pipe closes and it thaws; nobody else would, and every writer would hang for ever.
 */
static void guard_main(int mount_fd, int pipe_fd) __attribute__((noreturn));
static void guard_main(int mount_fd, int pipe_fd)
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
	if (n != 1)
		(void)ioctl(mount_fd, FITHAW, 0);
	_exit(0);
}

static int guard_start(struct freeze *z)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return cdisk_fail(z->c, -errno, "cannot make a pipe: %s", strerror(errno));
	z->guard = fork();
	if (z->guard == 0) {
		close(fds[1]);
		guard_main(z->fd, fds[0]);
	}
	close(fds[0]);
	if (z->guard < 0) {
		close(fds[1]);
		return cdisk_fail(z->c, -errno, "cannot start a process: %s", strerror(errno));
	}
	z->guard_fd = fds[1];
	return 0;
}

static void freeze_done(struct freeze *z)
{
	int saved = errno;

	if (z->frozen)
		(void)ioctl(z->fd, FITHAW, 0);
	if (z->guard > 0) {
		/* Thawed here, so the guard must not do it again: somebody else may freeze next. */
		(void)!write(z->guard_fd, "d", 1);
		close(z->guard_fd);
		while (waitpid(z->guard, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (z->fd >= 0)
		close(z->fd);
	errno = saved;
}

static int freeze_start(struct freeze *z, const char *mountpoint)
{
	int r;

	z->fd = open(mountpoint, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (z->fd < 0)
		return cdisk_fail(
			z->c, -errno, "cannot open '%s': %s", mountpoint, strerror(errno));
	r = guard_start(z);
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

/* The device number in the form of GETFSMAP (the kernel's new_encode_dev). */
static uint32_t fsmap_device(dev_t dev)
{
	uint32_t low = minor(dev) & 0xffu, high = minor(dev) & ~0xffu;

	return low | (uint32_t)major(dev) << 8 | high << 12;
}

/* One batch of records: fn for each that is free space of this device. 1 = it was the last. */
static int walk_records(
	const struct fsmap_head *head, uint32_t device, cdisk_free_fn fn, void *data)
{
	for (uint32_t i = 0; i < head->fmh_entries; i++) {
		const struct fsmap *m = &head->fmh_recs[i];
		int r;

		if (m->fmr_device == device && (m->fmr_flags & FMR_OF_SPECIAL_OWNER) &&
			m->fmr_owner == FMR_OWN_FREE && m->fmr_length > 0) {
			r = fn(m->fmr_physical, m->fmr_length, data);
			if (r != 0)
				return r < 0 ? r : -ECANCELED;
		}
		if (m->fmr_flags & FMR_OF_LAST)
			return 1;
	}
	return head->fmh_entries < head->fmh_count;
}

static int walk_fsmap(struct freeze *z, cdisk_free_fn fn, void *data)
{
	_cleanup_free_ struct fsmap_head *head = calloc(1, fsmap_sizeof(RECORDS));
	struct stat st;
	int r = 0;

	if (!head)
		return cdisk_fail(z->c, -ENOMEM, "out of memory for the map of free space");
	if (fstat(z->fd, &st) < 0)
		return cdisk_fail(z->c, -errno, "cannot look at the mount: %s", strerror(errno));
	head->fmh_count = RECORDS;
	head->fmh_keys[1] = (struct fsmap){.fmr_device = UINT32_MAX,
		.fmr_flags = UINT32_MAX,
		.fmr_physical = UINT64_MAX,
		.fmr_owner = UINT64_MAX,
		.fmr_offset = UINT64_MAX};
	while (r == 0) {
		if (ioctl(z->fd, FS_IOC_GETFSMAP, head) < 0)
			return cdisk_fail(z->c,
				errno == ENOTTY || errno == EOPNOTSUPP ? -CDISK_ERR_UNSUPPORTED
								       : -errno,
				"this kernel does not tell the filesystem's free space: %s",
				strerror(errno));
		if (head->fmh_entries == 0)
			break;
		r = walk_records(head, fsmap_device(st.st_dev), fn, data);
		fsmap_advance(head);
	}
	return r < 0 ? r : 0;
}

int cdisk_fs_free_online(
	struct cdisk *c, const char *type, const char *mountpoint, cdisk_free_fn fn, void *data)
{
	struct freeze z = {.c = c, .fd = -1, .guard_fd = -1};
	int r;

	if (strcmp(type, "ext4") != 0 && strcmp(type, "xfs") != 0) {
		r = cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"the free space of a mounted %s cannot be had while it stands still", type);
		cdisk_hint(c, "ext4 can be trimmed mounted and unmounted, ext2 and ext3 unmounted, "
			      "xfs mounted");
		return r;
	}
	r = freeze_start(&z, mountpoint);
	if (r == 0)
		r = walk_fsmap(&z, fn, data);
	freeze_done(&z);
	return r;
}
