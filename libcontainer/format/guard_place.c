// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/guard_place.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/util.h"

/* ".NAME.header-ID-GENERATION-NN" is at most NAME_MAX bytes. */
#define BASE_MAX 180

static int beside(const char *path, struct cdisk_guard_place *place)
{
	char *slash = strrchr(path, '/');
	struct stat st;
	size_t n;

	if (!slash)
		return -EINVAL;
	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOTSUP;
	n = slash == path ? 1 : (size_t)(slash - path);
	if (n >= sizeof(place->dir))
		return -ENAMETOOLONG;
	memcpy(place->dir, path, n);
	place->dir[n] = '\0';
	return 0;
}

static int state_dir(const struct cdisk *c, bool make, struct cdisk_guard_place *place)
{
	if (!c->state_dir)
		return -ENOENT;
	if (snprintf(place->dir, sizeof(place->dir), "%s", c->state_dir) >=
	    (int)sizeof(place->dir))
		return -ENAMETOOLONG;
	if (make && mkdir(place->dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

int cdisk_guard_place(const struct cdisk *c, const struct cdisk_info *info,
		      enum cdisk_guard_where where, bool make, struct cdisk_guard_place *ret_place)
{
	const char *typed = info->header_path[0] ? info->header_path : info->path;
	_cleanup_free_ char *path = realpath(typed, NULL);
	struct cdisk_guard_place place = {.dir_fd = -1};
	int r;

	if (!path)
		return -errno;
	r = where == CDISK_GUARD_BESIDE ? beside(path, &place) : state_dir(c, make, &place);
	if (r < 0)
		return r;
	(void)snprintf(place.name, sizeof(place.name), "%.*s", BASE_MAX, strrchr(path, '/') + 1);
	place.dir_fd = open(place.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place.dir_fd < 0)
		return -errno;
	*ret_place = place;
	return 0;
}

void cdisk_guard_place_done(struct cdisk_guard_place *place)
{
	cdisk_close(&place->dir_fd);
}
