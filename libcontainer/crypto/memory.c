// SPDX-License-Identifier: GPL-2.0-or-later
/* How much memory there is, and how much of it is left: the machine's, and the cgroup's limit. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/io.h"
#include "base/util.h"
#include "crypto/crypto.h"

/* The two hierarchies: who has both keeps the memory controller in one of them. */
struct hierarchy {
	const char *root, *controller, *limit, *used;
	const char *cache; /* line of memory.stat: pages of files, which the kernel drops first */
};

static const struct hierarchy hierarchies[] = {
	{"/sys/fs/cgroup", "", "memory.max", "memory.current", "inactive_file "},
	{"/sys/fs/cgroup/memory", "memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
		"total_inactive_file "},
};

/* A small file of the kernel, NUL-terminated and cut at size; false when it cannot be read. */
static bool read_small(const char *path, char *buf, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : cdisk_read_all(fd, buf, size - 1);

	if (n < 0)
		return false;
	buf[n] = '\0';
	return true;
}

/* A decimal number at text, followed by white space or the end. "max" and the like are none. */
static bool number(const char *text, uint64_t *ret_value)
{
	char *end;

	while (*text == ' ' || *text == '\t')
		text++;
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret_value = strtoull(text, &end, 10);
	return errno == 0 && (*end == '\0' || *end == '\n' || *end == ' ');
}

/* The number of the line that begins with key. */
static bool field(const char *text, const char *key, uint64_t *ret_value)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0)
			return number(line + n, ret_value);
	}
	return false;
}

static bool cgroup_number(const char *dir, const char *file, const char *key, uint64_t *ret_value)
{
	char path[4096 + 64], text[8192];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	if (!read_small(path, text, sizeof(text)))
		return false;
	return key ? field(text, key, ret_value) : number(text, ret_value);
}

/* What the cgroup at dir leaves: its limit less what it uses and cannot drop. */
static void cgroup_take(
	const struct hierarchy *h, const char *dir, uint64_t *total, uint64_t *available)
{
	uint64_t limit, used, cache;

	if (!cgroup_number(dir, h->limit, NULL, &limit))
		return;
	if (!cgroup_number(dir, h->used, NULL, &used))
		used = 0;
	if (cgroup_number(dir, "memory.stat", h->cache, &cache))
		used -= cache < used ? cache : used;
	*total = limit < *total ? limit : *total;
	limit = limit > used ? limit - used : 0;
	*available = limit < *available ? limit : *available;
}

/* This process's path in a hierarchy, from a line "number:controllers:path". */
static bool cgroup_path(const struct hierarchy *h, char *text, char *ret_dir, size_t size)
{
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
		(void)strsep(&line, ":");
		char *controllers = strsep(&line, ":");
		int n;

		if (!line || line[0] != '/' || strcmp(controllers, h->controller) != 0)
			continue;
		n = snprintf(ret_dir, size, "%s%s", h->root, line);
		return n > 0 && (size_t)n < size;
	}
	return false;
}

/* The limits of this process's cgroup and of all above it; all of them hold. */
static void cgroup_memory(const struct hierarchy *h, uint64_t *total, uint64_t *available)
{
	char text[4096], dir[4096];

	if (!read_small("/proc/self/cgroup", text, sizeof(text)) ||
		!cgroup_path(h, text, dir, sizeof(dir)))
		return;
	while (strlen(dir) >= strlen(h->root)) {
		cgroup_take(h, dir, total, available);
		*strrchr(dir, '/') = '\0';
	}
}

void cdisk_memory_now(uint64_t *ret_total, uint64_t *ret_available)
{
	char text[4096];
	uint64_t kib;

	*ret_total = *ret_available = UINT64_MAX;
	if (read_small("/proc/meminfo", text, sizeof(text))) {
		if (field(text, "MemTotal:", &kib) && kib < UINT64_MAX / 1024)
			*ret_total = kib * 1024;
		if (field(text, "MemAvailable:", &kib) && kib < UINT64_MAX / 1024)
			*ret_available = kib * 1024;
	}
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(hierarchies); i++)
		cgroup_memory(&hierarchies[i], ret_total, ret_available);
}
