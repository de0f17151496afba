// SPDX-License-Identifier: GPL-2.0-or-later
/* What the log and the kernel module both know of a disk: its generation, from sysfs. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "base/io.h"
#include "mount/event.h"

#define MODULE_DISK "cryptdisk"

static uint64_t disk_generation(const char *disk)
{
	_cleanup_free_ char *text = NULL;
	char path[320];

	(void)snprintf(path, sizeof(path), "/sys/block/%s/cryptdisk/generation", disk);
	return cdisk_read_text(path, 64, &text) < 0 ? 0 : strtoull(text, NULL, 10);
}

/* What the mapping lies on. */
static uint64_t below_generation(const char *slaves)
{
	DIR *d = opendir(slaves);
	const struct dirent *e;
	uint64_t generation = 0;

	if (!d)
		return 0;
	while (!generation && (e = readdir(d)))
		if (strncmp(e->d_name, MODULE_DISK, strlen(MODULE_DISK)) == 0)
			generation = disk_generation(e->d_name);
	closedir(d);
	return generation;
}

uint64_t cdisk_event_generation(const struct cdisk_attachment *a)
{
	char path[96];
	struct stat st;

	if (strcmp(a->backend, "kmod") != 0 || stat(a->node, &st) < 0 || !S_ISBLK(st.st_mode))
		return 0;
	(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/slaves", major(st.st_rdev),
		minor(st.st_rdev));
	return below_generation(path);
}
