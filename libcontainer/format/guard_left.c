// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/header_write.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/io.h"
#include "format/guard_place.h"
#include "format/luks_map.h"

#define SECTOR 512u

static bool is_guard(int dir_fd, const char *name, const char *id)
{
	_cleanup_close_ int fd =
		openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       cdisk_header_has_id(fd, id) == 1;
}

int cdisk_guard_left(struct cdisk *c, const struct cdisk_info *info, char **ret_path)
{
	enum cdisk_guard_where where;

	for (where = CDISK_GUARD_BESIDE; where < CDISK_GUARD_PLACES; where++) {
		CDISK_CLEANUP(cdisk_guard_place_done)
		struct cdisk_guard_place place = {.dir_fd = -1};
		char name[NAME_MAX + 1];

		if (cdisk_guard_place(c, info, where, /* make= */ false, &place) < 0)
			continue;
		cdisk_guard_name(&place, info->id, name);
		if (!is_guard(place.dir_fd, name, info->id))
			continue;
		if (asprintf(ret_path, "%s/%s", strcmp(place.dir, "/") == 0 ? "" : place.dir, name) < 0)
			return 0;
		return 1;
	}
	return 0;
}

static bool same_slot(const struct cdisk_luks_area *a, const struct cdisk_luks_area *b)
{
	return a->keyslot == b->keyslot && a->offset == b->offset && a->size == b->size &&
	       memcmp(a->salt, b->salt, sizeof(a->salt)) == 0;
}

/* Has the slot bytes in image that are neither those of the guard nor zeros? */
static bool overwritten(int guard, int image, uint64_t size, const struct cdisk_luks_area *a)
{
	static const uint8_t zeros[SECTOR];
	uint8_t old[SECTOR], now[SECTOR];
	uint64_t at;

	for (at = a->offset; at - a->offset < a->size; at += SECTOR) {
		if (!cdisk_range_inside(at, SECTOR, size) ||
		    cdisk_pread_full(guard, old, SECTOR, at) < 0 ||
		    cdisk_pread_full(image, now, SECTOR, at) < 0)
			return false;
		if (memcmp(old, now, SECTOR) != 0 && memcmp(now, zeros, SECTOR) != 0)
			return true;
	}
	return false;
}

int cdisk_guard_needed(const char *guard, int image, uint64_t size)
{
	_cleanup_close_ int fd = open(guard, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct cdisk_luks_map old = {0}, now = {0};
	uint64_t guard_size = 0;
	unsigned int i, k;

	if (fd < 0 || cdisk_fd_size(fd, &guard_size) < 0 ||
	    cdisk_luks_map(fd, guard_size, &old) < 0 || cdisk_luks_map(image, size, &now) < 0)
		return -1;
	for (i = 0; i < now.n_areas; i++)
		for (k = 0; k < old.n_areas; k++)
			if (same_slot(&now.areas[i], &old.areas[k]) &&
			    overwritten(fd, image, size, &now.areas[i]))
				return now.areas[i].keyslot;
	return -1;
}
