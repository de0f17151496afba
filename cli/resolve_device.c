// SPDX-License-Identifier: GPL-2.0-or-later
#include "resolve_device.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool device_number(const char *path, dev_t *ret_number)
{
	struct stat st;

	/* Names below /dev only: another place may lie in a mount that does not answer. */
	if (strncmp(path, "/dev/", 5) != 0 || stat(path, &st) < 0 || !S_ISBLK(st.st_mode))
		return false;
	*ret_number = st.st_rdev;
	return true;
}

static int node_find(const struct cdisk_attachment *list, int n, dev_t number)
{
	dev_t own;
	int i;

	for (i = 0; i < n; i++) {
		if (list[i].node[0] && device_number(list[i].node, &own) && own == number)
			return i;
	}
	return -1;
}

/* The kernel's name of what holds a loop device or a disk of the module: "dm-3". */
static bool holder_find(dev_t number, char *ret_path, size_t size)
{
	char path[96], target[256];
	const char *name;
	struct dirent *e;
	bool found = false;
	ssize_t len;
	DIR *d;

	(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(number), minor(number));
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return false;
	target[len] = '\0';
	name = strrchr(target, '/');
	if (!name || (strncmp(name, "/loop", 5) != 0 && strncmp(name, "/cryptdisk", 10) != 0))
		return false;
	(void)strncat(path, "/holders", sizeof(path) - strlen(path) - 1);
	d = opendir(path);
	while (d && !found && (e = readdir(d))) {
		found = strncmp(e->d_name, "dm-", 3) == 0;
		if (found)
			(void)snprintf(ret_path, size, "/dev/%.20s", e->d_name);
	}
	if (d)
		closedir(d);
	return found;
}

const char *device_place(
	const struct cdisk_attachment *list, int n, const char *path, int *ret_index)
{
	char holder[32];
	dev_t number;

	if (!device_number(path, &number))
		return NULL;
	*ret_index = node_find(list, n, number);
	if (*ret_index >= 0)
		return "node";
	if (!holder_find(number, holder, sizeof(holder)) || !device_number(holder, &number))
		return NULL;
	*ret_index = node_find(list, n, number);
	return *ret_index >= 0 ? "disk below the node" : NULL;
}
