/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of mount -o: what nobody may ask for, what a user may not, and what always holds. */
#ifndef CDISK_MOUNT_OPTIONS_H
#define CDISK_MOUNT_OPTIONS_H

#include <stdbool.h>
#include "base/context.h"

#define CDISK_OPTIONS_SIZE 4096 /* with NUL: more does not reach the kernel */

struct cdisk_options {
	char text[CDISK_OPTIONS_SIZE]; /* complete: nosuid,nodev,... */
	bool read_only;
};

/*
 * options may be NULL. root: suid and dev count when they are asked for. -EACCES for what the
 * caller may not have, -EINVAL for what would mount something else.
 */
int cdisk_options_make(
	struct cdisk *c, const char *options, bool root, bool read_only, struct cdisk_options *ret);

/* Appends ",option"; -EINVAL when there is no room. */
int cdisk_options_add(struct cdisk *c, struct cdisk_options *o, const char *option);

#endif
