// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether the kernel has what its two backends need: found by trying, since nodes lie. */
#include "backend/server.h"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include "base/io.h"

static void check_fill(
	struct cdisk_check *check, const char *name, const char *reason, const char *advice)
{
	(void)snprintf(check->name, sizeof(check->name), "%s", name);
	(void)snprintf(check->reason, sizeof(check->reason), "%s", reason);
	(void)snprintf(check->advice, sizeof(check->advice), "%s", advice);
	check->works = 0;
}

/* For those who may not try: a driver that runs is in the kernel's list. */
static bool device_mapper_runs(void)
{
	_cleanup_free_ char *text = NULL;

	return cdisk_read_text("/proc/misc", 65536, &text) == 0 && strstr(text, " device-mapper\n");
}

/* 0 = device-mapper answers; the node /dev/mapper/control exists on kernels without it, too. */
static int device_mapper_try(void)
{
	_cleanup_close_ int fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	struct dm_ioctl version = {
		.version = {DM_VERSION_MAJOR, 0, 0},
		.data_size = sizeof(version),
	};

	if (fd < 0)
		return errno == EACCES && !device_mapper_runs() ? -ENODEV : -errno;
	return ioctl(fd, DM_VERSION, &version) < 0 ? -errno : 0;
}

static void device_mapper_reason(struct cdisk_check *check, const char *name, int r)
{
	if (r == -EACCES || r == -EPERM)
		check_fill(check, name, "needs root", "run it as root, or use the fuse backend");
	else if (r < 0)
		check_fill(check, name, "device-mapper missing",
			"load the kernel module dm_mod, or use the fuse backend");
	else
		check_fill(check, name, "not in this version: the fuse backend serves every volume",
			"");
}

int cdisk_probe_kmod(struct cdisk *c, struct cdisk_check *check)
{
	_cleanup_close_ int fd = open("/dev/cryptdisk-control", O_RDWR | O_CLOEXEC);

	(void)c;
	if (fd < 0 && errno != EACCES && errno != EPERM)
		check_fill(check, "kmod+dm-crypt", "kernel module cryptdisk missing", "");
	else
		device_mapper_reason(check, "kmod+dm-crypt", device_mapper_try());
	return 0;
}

int cdisk_probe_loop(struct cdisk *c, struct cdisk_check *check)
{
	_cleanup_close_ int fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int dm = device_mapper_try();

	(void)c;
	if (fd < 0 && errno != EACCES && errno != EPERM)
		check_fill(check, "loop+dm-crypt", "loop devices missing",
			"load the kernel module loop, or use the fuse backend");
	else
		device_mapper_reason(check, "loop+dm-crypt", fd < 0 && dm == 0 ? -EACCES : dm);
	return 0;
}
