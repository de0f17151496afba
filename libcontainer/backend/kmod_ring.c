// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/kmod_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/cryptdisk.h>
#include <unistd.h>

int cdisk_kmod_ring_open(void)
{
	int fd = open(CRYPTDISK_CONTROL, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

size_t cdisk_kmod_ring_errors(int fd, uint64_t *ret, size_t max)
{
	struct cryptdisk_event events[16];
	size_t found = 0;
	ssize_t n;

	while ((n = read(fd, events, sizeof(events))) > 0)
		for (size_t i = 0; i < (size_t)n / sizeof(events[0]); i++)
			if (events[i].type == CRYPTDISK_EV_IO_ERROR && found < max)
				ret[found++] = events[i].generation;
	return found;
}
