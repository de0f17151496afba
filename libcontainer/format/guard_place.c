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

/* A user without a home of much use has none of the directories above it, either. */
static int make_all(const char *dir)
{
	char path[PATH_MAX];
	char *slash;

	(void)snprintf(path, sizeof(path), "%s", dir);
	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700); /* the last one tells */
		*slash = '/';
	}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static int state_dir(const struct cdisk *c, bool make, struct cdisk_guard_place *place)
{
	if (!c->state_dir)
		return -ENOENT;
	if (snprintf(place->dir, sizeof(place->dir), "%s", c->state_dir) >=
	    (int)sizeof(place->dir))
		return -ENAMETOOLONG;
	return make ? make_all(place->dir) : 0;
}

int cdisk_guard_place(const struct cdisk *c, const struct cdisk_info *info,
		      enum cdisk_guard_where where, bool make, struct cdisk_guard_place *ret_place)
{
	const char *typed = info->header_path[0] ? info->header_path : info->path;
	_cleanup_free_ char *path = realpath(typed, NULL);
	struct cdisk_guard_place place = {.dir_fd = -1};
	int r;

	/* A container that was handed over as a descriptor has no place of its own. */
	if (!path && !typed[0] && where == CDISK_GUARD_STATE)
		path = strdup("/container");
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

void cdisk_guard_name(const struct cdisk_guard_place *place, const char *id,
		      char ret_name[NAME_MAX + 1])
{
	(void)snprintf(ret_name, NAME_MAX + 1, ".%.180s.header-%s", place->name, id);
}

void cdisk_guard_place_done(struct cdisk_guard_place *place)
{
	cdisk_close(&place->dir_fd);
}
