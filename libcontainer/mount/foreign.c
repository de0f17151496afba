// SPDX-License-Identifier: GPL-2.0-or-later
/* Encrypted volumes that another tool opened with device-mapper, from sysfs alone. */
#include "mount/mounting.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/io.h"

#define UUID_DIGITS 32

static void dir_close(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* First line of root/block/device/name. */
static int sys_line(const char *root, const char *device, const char *name, char *ret, size_t size)
{
	_cleanup_close_ int fd = -1;
	char path[CDISK_PATH_SIZE];
	int len = snprintf(path, sizeof(path), "%s/block/%s/%s", root, device, name);
	ssize_t n;

	if (len < 0 || (size_t)len >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = cdisk_read_all(fd, ret, size - 1);
	if (n < 0)
		return (int)n;
	ret[n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return 0;
}

/* "CRYPT-LUKS2-0123...ef-name": format, and the ID where 32 hex digits stand. */
static int uuid_parse(const char *uuid, struct cdisk_attachment *a)
{
	const char *type, *digits;
	size_t len, n = 0;

	if (strncmp(uuid, "CRYPT-", 6) != 0)
		return -EINVAL;
	type = uuid + 6;
	len = strcspn(type, "-");
	if (len == 0 || len >= sizeof(a->format))
		return -EINVAL;
	memcpy(a->format, type, len);
	a->format[len] = '\0';
	digits = type + len + (type[len] == '-');
	if (strspn(digits, "0123456789abcdef") != UUID_DIGITS)
		return 0;
	for (size_t i = 0; i < UUID_DIGITS; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			a->id[n++] = '-';
		a->id[n++] = digits[i];
	}
	a->id[n] = '\0';
	return 0;
}

/* The file or device below: the first slave, and what a loop device has behind it. */
static void backing_find(const char *root, const char *device, struct cdisk_attachment *a)
{
	CDISK_CLEANUP(dir_close) DIR *d = NULL;
	char path[CDISK_PATH_SIZE];
	struct dirent *e;

	(void)snprintf(path, sizeof(path), "%s/block/%s/slaves", root, device);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		if (sys_line(root, e->d_name, "loop/backing_file", a->file, sizeof(a->file)) < 0)
			(void)snprintf(a->file, sizeof(a->file), "/dev/%.255s", e->d_name);
		return;
	}
}

static void mount_find(const char *root, const char *device, const struct cdisk_mountinfo *m,
	struct cdisk_attachment *a)
{
	char number[32];
	uint32_t major, minor;

	if (sys_line(root, device, "dev", number, sizeof(number)) < 0 ||
		sscanf(number, "%" SCNu32 ":%" SCNu32, &major, &minor) != 2)
		return;
	for (size_t i = 0; i < m->n; i++) {
		const struct cdisk_mount_entry *e = &m->entries[i];

		if (!cdisk_source_counts(e, /* owner= */ 0) ||
			(strcmp(e->source, a->node) != 0 &&
				(e->major != major || e->minor != minor)))
			continue;
		(void)snprintf(a->mountpoint, sizeof(a->mountpoint), "%s", e->target);
		(void)snprintf(a->fstype, sizeof(a->fstype), "%.31s", e->type);
		return;
	}
}

static int volume_read(const char *root, const char *device, const struct cdisk_mountinfo *m,
	struct cdisk_attachment *a)
{
	char uuid[256], name[128], text[32];

	memset(a, 0, sizeof(*a));
	if (sys_line(root, device, "dm/uuid", uuid, sizeof(uuid)) < 0 || uuid_parse(uuid, a) < 0 ||
		sys_line(root, device, "dm/name", name, sizeof(name)) < 0)
		return -ENOENT;
	a->state = CDISK_STATE_FOREIGN;
	(void)snprintf(a->reason, sizeof(a->reason), "opened by another tool");
	/* A longer name does not fit; the kernel's own name of the device always does. */
	(void)snprintf(a->instance, sizeof(a->instance), "%.44s",
		strlen(name) < sizeof(a->instance) ? name : device);
	(void)snprintf(a->name, sizeof(a->name), "%.63s", name);
	(void)snprintf(a->backend, sizeof(a->backend), "dm-crypt");
	(void)snprintf(a->scope, sizeof(a->scope), "global");
	(void)snprintf(a->node, sizeof(a->node), "/dev/mapper/%s", name);
	(void)snprintf(a->disk, sizeof(a->disk), "/dev/mapper/%s", name);
	a->audit_session = UINT32_MAX;
	if (sys_line(root, device, "size", text, sizeof(text)) == 0)
		a->size = strtoull(text, NULL, 10) * 512;
	if (sys_line(root, device, "ro", text, sizeof(text)) == 0)
		a->read_only = text[0] == '1';
	backing_find(root, device, a);
	mount_find(root, device, m, a);
	return 0;
}

int cdisk_foreign_add(const char *root, const struct cdisk_mountinfo *m,
	struct cdisk_attachment **list, size_t *n)
{
	CDISK_CLEANUP(dir_close) DIR *d = NULL;
	char path[CDISK_PATH_SIZE];
	struct dirent *e;

	(void)snprintf(path, sizeof(path), "%s/block", root);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		struct cdisk_attachment *bigger;

		if (strncmp(e->d_name, "dm-", 3) != 0)
			continue;
		bigger = realloc(*list, (*n + 1) * sizeof(**list));
		if (!bigger)
			return -ENOMEM;
		*list = bigger;
		if (volume_read(root, e->d_name, m, &bigger[*n]) == 0)
			(*n)++;
	}
	return 0;
}
