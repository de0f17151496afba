// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/mount.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include "base/io.h"
#include "base/util.h"

static void cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* Calls match for each line of a file until it returns true. */
static bool file_has_line(
	const char *path, bool (*match)(const char *line, const char *type), const char *type)
{
	CDISK_CLEANUP(cleanup_file) FILE *f = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!f)
		return false;
	while (getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (match(line, type))
			return true;
	}
	return false;
}

/* "nodev\ttype" or "\ttype": only the second kind lies on a disk. */
static bool filesystems_match(const char *line, const char *type)
{
	return line[0] == '\t' && strcmp(line + 1, type) == 0;
}

/* "alias fs-xfs xfs": what the kernel itself asks modprobe for when it is told to mount xfs. */
static bool alias_match(const char *line, const char *type)
{
	static const char start[] = "alias fs-";
	size_t n = strlen(type);

	return strncmp(line, start, sizeof(start) - 1) == 0 &&
	       strncmp(line + sizeof(start) - 1, type, n) == 0 &&
	       line[sizeof(start) - 1 + n] == ' ';
}

static bool modules_allowed(void)
{
	_cleanup_free_ char *text = NULL;

	if (cdisk_read_text("/proc/sys/kernel/modules_disabled", 16, &text) < 0)
		return false;
	return text[0] == '0';
}

bool cdisk_fs_kernel(const char *type)
{
	struct utsname u;
	char path[sizeof(u.release) + 64];

	if (type[0] == '\0')
		return false;
	if (file_has_line("/proc/filesystems", filesystems_match, type))
		return true;
	if (!modules_allowed() || uname(&u) < 0)
		return false;
	(void)snprintf(path, sizeof(path), "/lib/modules/%s/modules.alias", u.release);
	return file_has_line(path, alias_match, type);
}
