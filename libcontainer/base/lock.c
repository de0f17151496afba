// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

static int lock_set(int fd, enum cdisk_lock_range range, short type)
{
	struct flock lock = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = (off_t)(CDISK_LOCK_OFFSET + (uint64_t)range),
		.l_len = 1,
	};

	if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
		return errno == EACCES ? -EAGAIN : -errno;
	return 0;
}

int cdisk_lock(int fd, enum cdisk_lock_range range, bool exclusive)
{
	return lock_set(fd, range, exclusive ? F_WRLCK : F_RDLCK);
}

int cdisk_lock_wait(int fd, enum cdisk_lock_range range, bool exclusive, unsigned int timeout_ms)
{
	const struct timespec step = {.tv_nsec = 20 * 1000 * 1000};
	unsigned int waited = 0;
	int r;

	/* The kernel can wait without limit only; a caller that can be cancelled wants one. */
	while ((r = cdisk_lock(fd, range, exclusive)) == -EAGAIN && waited < timeout_ms) {
		(void)nanosleep(&step, NULL);
		waited += 20;
	}
	return r;
}

int cdisk_unlock(int fd, enum cdisk_lock_range range)
{
	return lock_set(fd, range, F_UNLCK);
}
