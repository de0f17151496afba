/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where copies of a header lie: beside its file, or in the state directory. */
#ifndef CDISK_FORMAT_GUARD_PLACE_H
#define CDISK_FORMAT_GUARD_PLACE_H

#include <limits.h>
#include "base/context.h"

enum cdisk_guard_where { CDISK_GUARD_BESIDE = 0, CDISK_GUARD_STATE = 1, CDISK_GUARD_PLACES = 2 };

struct cdisk_guard_place {
	int dir_fd;		   /* the directory, open for reading */
	char dir[PATH_MAX];	   /* its name, for people */
	char name[NAME_MAX + 1];   /* of the container, cut so that the copies' names fit */
};

/*
 * Opens a place. Beside a block device there is none: /dev does not survive a power cut. The state
 * directory is made where make says so. -errno.
 */
int cdisk_guard_place(const struct cdisk *c, const struct cdisk_info *info,
		      enum cdisk_guard_where where, bool make, struct cdisk_guard_place *ret_place);
/* The name of the guard of one change there; copies that are kept have others. */
void cdisk_guard_name(const struct cdisk_guard_place *place, const char *id,
		      char ret_name[NAME_MAX + 1]);
void cdisk_guard_place_done(struct cdisk_guard_place *place);

#endif
