// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/mapped.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/io.h"

#define UUID_DIGITS 32
#define ID_LEN (CDISK_ID_SIZE - 1)

int cdisk_sys_line(const char *root, const char *device, const char *name, char *ret, size_t size)
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

int cdisk_mapped_uuid_parse(const char *uuid, struct cdisk_mapped *ret)
{
	const char *type, *digits;
	size_t len, n = 0;

	if (strncmp(uuid, "CRYPT-", 6) != 0)
		return -EINVAL;
	type = uuid + 6;
	len = strcspn(type, "-");
	if (len == 0 || len >= sizeof(ret->format))
		return -EINVAL;
	memcpy(ret->format, type, len);
	ret->format[len] = '\0';
	digits = type + len + (type[len] == '-');
	ret->id[0] = '\0';
	if (strspn(digits, "0123456789abcdef") != UUID_DIGITS)
		return 0;
	for (size_t i = 0; i < UUID_DIGITS; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			ret->id[n++] = '-';
		ret->id[n++] = digits[i];
	}
	ret->id[n] = '\0';
	return 0;
}

static bool id_fits(const char *text)
{
	for (size_t i = 0; i < ID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !text[i] || !strchr("0123456789abcdef", text[i]))
			return false;
	}
	return true;
}

/* "" or "-N" with N from 2 to 99, as it is written for a copy. */
static bool copy_fits(const char *text)
{
	unsigned int n;
	int end = 0;

	if (!*text)
		return true;
	return text[0] == '-' && text[1] >= '1' && text[1] <= '9' &&
	       sscanf(text, "-%2u%n", &n, &end) == 1 && !text[end] && n >= 2;
}

int cdisk_mapped_name_parse(const char *name, struct cdisk_mapped *ret)
{
	const char *id;

	ret->gone = strncmp(name, CDISK_MAPPED_GONE, strlen(CDISK_MAPPED_GONE)) == 0;
	if (ret->gone)
		return 0;
	if (strncmp(name, CDISK_MAPPED_PREFIX, strlen(CDISK_MAPPED_PREFIX)) != 0)
		return -EINVAL;
	id = name + strlen(CDISK_MAPPED_PREFIX);
	if (!id_fits(id) || !copy_fits(id + ID_LEN))
		return -EINVAL;
	(void)snprintf(ret->instance, sizeof(ret->instance), "%s", id);
	(void)snprintf(ret->id, sizeof(ret->id), "%.36s", id);
	return 0;
}

/* The link to a disk of ours that was taken away by force leads to nothing. */
static void below_find(const char *root, struct cdisk_mapped *m)
{
	_cleanup_dir_ DIR *d = NULL;
	char path[CDISK_PATH_SIZE], number[32];
	struct dirent *e;

	(void)snprintf(path, sizeof(path), "%s/block/%s/slaves", root, m->kernel);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(m->below, sizeof(m->below), "%.31s", e->d_name);
		/* A partition is not directly in block/: only of what may be ours is it asked. */
		m->below_gone = cdisk_mapped_is_module(m) &&
				cdisk_sys_line(root, m->below, "dev", number, sizeof(number)) < 0;
		return;
	}
}

/* -ENOENT: no mapping; -EINVAL: not an encrypted one. */
static int mapped_read(const char *root, const char *device, struct cdisk_mapped *m)
{
	char text[32];
	int r;

	memset(m, 0, sizeof(*m));
	(void)snprintf(m->kernel, sizeof(m->kernel), "%.15s", device);
	if (cdisk_sys_line(root, device, "dm/name", m->name, sizeof(m->name)) < 0 ||
		cdisk_sys_line(root, device, "dm/uuid", m->uuid, sizeof(m->uuid)) < 0)
		return -ENOENT;
	if (cdisk_sys_line(root, device, "dev", text, sizeof(text)) == 0)
		(void)sscanf(text, "%" SCNu32 ":%" SCNu32, &m->major, &m->minor);
	if (cdisk_sys_line(root, device, "size", text, sizeof(text)) == 0)
		m->size = strtoull(text, NULL, 10) * 512;
	if (cdisk_sys_line(root, device, "ro", text, sizeof(text)) == 0)
		m->read_only = text[0] == '1';
	if (cdisk_sys_line(root, device, "dm/suspended", text, sizeof(text)) == 0)
		m->suspended = text[0] == '1';
	below_find(root, m);
	r = cdisk_mapped_uuid_parse(m->uuid, m);
	/* Our own name is the volume ID; a header's odd UUID is not what we name it by. */
	if (r == 0)
		(void)cdisk_mapped_name_parse(m->name, m);
	return r;
}

bool cdisk_mapped_is_loop(const struct cdisk_mapped *m)
{
	return strncmp(m->below, "loop", 4) == 0;
}

bool cdisk_mapped_is_module(const struct cdisk_mapped *m)
{
	return strncmp(m->below, "cryptdisk", 9) == 0;
}

bool cdisk_mapped_is_ours(const struct cdisk_mapped *m)
{
	if (m->gone)
		return true;
	return m->instance[0] &&
	       (!m->below[0] || cdisk_mapped_is_loop(m) || cdisk_mapped_is_module(m));
}

/* Without a table a mapping is no block device yet, and sysfs does not show it. */
static int empty_read(const char *name, struct cdisk_mapped *m)
{
	struct cdisk_dm dm;
	int r;

	memset(m, 0, sizeof(*m));
	if (cdisk_dm_status(name, &dm) < 0 || dm.live)
		return -ENXIO;
	(void)snprintf(m->kernel, sizeof(m->kernel), "dm-%u", dm.minor);
	(void)snprintf(m->name, sizeof(m->name), "%.127s", name);
	(void)snprintf(m->uuid, sizeof(m->uuid), "%s", dm.uuid);
	m->major = dm.major;
	m->minor = dm.minor;
	m->read_only = dm.read_only;
	r = cdisk_mapped_uuid_parse(m->uuid, m);
	if (r == 0)
		(void)cdisk_mapped_name_parse(m->name, m);
	return r;
}

struct empties {
	struct cdisk_mapped *list;
	size_t n;
};

static int empty_add(const char *name, void *data)
{
	struct empties *e = data;
	struct cdisk_mapped m, *bigger;

	for (size_t i = 0; i < e->n; i++)
		if (strcmp(e->list[i].name, name) == 0)
			return 0;
	if (cdisk_mapped_name_parse(name, &m) < 0 || empty_read(name, &m) < 0)
		return 0;
	bigger = realloc(e->list, (e->n + 1) * sizeof(*e->list));
	if (!bigger)
		return -ENOMEM;
	e->list = bigger;
	e->list[e->n++] = m;
	return 0;
}

/* Those of our names; who may not ask device-mapper does not see them. */
static int empties_add(struct cdisk_mapped **list, size_t *n)
{
	struct empties e = {.list = *list, .n = *n};
	int r = geteuid() == 0 ? cdisk_dm_names(empty_add, &e) : 0;

	*list = e.list;
	*n = e.n;
	return r == -ENOMEM ? r : 0;
}

int cdisk_mapped_list(const char *root, struct cdisk_mapped **ret_list)
{
	_cleanup_dir_ DIR *d = NULL;
	_cleanup_free_ struct cdisk_mapped *list = NULL;
	char path[CDISK_PATH_SIZE];
	struct dirent *e;
	size_t n = 0;

	(void)snprintf(path, sizeof(path), "%s/block", root);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		struct cdisk_mapped *bigger;

		if (strncmp(e->d_name, "dm-", 3) != 0)
			continue;
		bigger = realloc(list, (n + 1) * sizeof(*list));
		if (!bigger)
			return -ENOMEM;
		list = bigger;
		if (mapped_read(root, e->d_name, &list[n]) == 0)
			n++;
	}
	if (strcmp(root, "/sys") == 0 && empties_add(&list, &n) < 0)
		return -ENOMEM;
	*ret_list = cdisk_steal(&list);
	return (int)n;
}

int cdisk_mapped_find(const char *root, const char *name, struct cdisk_mapped *ret)
{
	_cleanup_dir_ DIR *d = NULL;
	char path[CDISK_PATH_SIZE];
	struct dirent *e;

	(void)snprintf(path, sizeof(path), "%s/block", root);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		struct cdisk_mapped m;
		int r;

		if (strncmp(e->d_name, "dm-", 3) != 0)
			continue;
		r = mapped_read(root, e->d_name, &m);
		if (r == -ENOENT || strcmp(m.name, name) != 0)
			continue;
		*ret = m;
		return 0;
	}
	if (strcmp(root, "/sys") == 0 && geteuid() == 0) {
		struct cdisk_mapped m;

		if (empty_read(name, &m) != -ENXIO) {
			*ret = m;
			return 0;
		}
	}
	return -ENXIO;
}
