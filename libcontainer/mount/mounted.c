// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mounts over a disk by descriptor. A path says nothing about which filesystem is reached:
 * anything may have been mounted over it. The kernel's number of the mount that a descriptor lies
 * on does, and it is not given to another mount while the descriptor is open.
 */
#include "mount/mounting.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "mount/holders.h"

/* 1 = the descriptor lies on a mount over this disk. */
static int is_over(const struct cdisk_attachment *a, int fd)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	_cleanup_over_ struct cdisk_over over = {0};
	int id = cdisk_process_mount_id(getpid(), fd);
	int r = id < 0 ? id : cdisk_mountinfo_read(&m);

	if (r == 0)
		r = cdisk_over_find(&m, a->disk, a->uid, &over);
	if (r < 0)
		return r;
	for (size_t i = 0; i < over.n_mounts; i++)
		if (over.mounts[i]->id == id)
			return 1;
	return 0;
}

/* 1 = *ret_fd is on a mount of ours. */
static int try_open(const struct cdisk_attachment *a, const char *target, int *ret_fd)
{
	_cleanup_close_ int fd = open(target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r = fd < 0 ? -errno : is_over(a, fd);

	if (r > 0)
		*ret_fd = cdisk_steal_fd(&fd);
	return r;
}

int cdisk_covered_fail(struct cdisk *c, const char *target)
{
	(void)cdisk_fail(c, -CDISK_ERR_IN_USE,
		"another filesystem is mounted over %s, so that of the volume cannot be reached",
		target);
	cdisk_hint(c, "unmount what lies over it first");
	return -CDISK_ERR_IN_USE;
}

int cdisk_mounted_open(struct cdisk *c, const struct cdisk_attachment *a, int *ret_fd,
	char ret_target[CDISK_PATH_SIZE])
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	_cleanup_over_ struct cdisk_over over = {0};
	const char *covered = NULL;
	int r = cdisk_mountinfo_read(&m);

	if (r == 0)
		r = cdisk_over_find(&m, a->disk, a->uid, &over);
	if (r < 0)
		return cdisk_fail(c, r, "cannot read mountinfo: %s", strerror(-r));
	for (size_t i = 0; i < over.n_mounts; i++) {
		const struct cdisk_mount_entry *e = over.mounts[i];

		/* A filesystem server might not answer. */
		if (strncmp(e->type, "fuse", 4) == 0)
			continue;
		covered = e->target;
		/* Nor might one that lies over it. */
		if (cdisk_mountinfo_at(&m, e->target) != e)
			continue;
		if (try_open(a, e->target, ret_fd) <= 0)
			continue;
		(void)snprintf(ret_target, CDISK_PATH_SIZE, "%s", e->target);
		return 0;
	}
	if (!covered)
		return -ENOENT;
	return cdisk_covered_fail(c, covered);
}
