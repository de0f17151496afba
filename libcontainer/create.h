/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of making a container. */
#ifndef CDISK_CREATE_H
#define CDISK_CREATE_H

#include "internal.h"
#include "mount/mount.h"

/* First bytes of a container that is being made; the header replaces them last (docs/FORMAT.md). */
#define CDISK_UNFINISHED "CRYPTDISK-UNFINISHED\n"

/* What mke2fs gets to know of a source directory. */
struct cdisk_source_size {
	uint64_t bytes, inodes;
};

/* Checks every parameter and decides sizes and costs; p->from was measured into *source. */
int cdisk_create_decide(struct cdisk *c, const struct cdisk_create *p,
			const struct cdisk_source_size *source, struct cdisk_plan *ret_plan);

/* The filesystem that *p asks for on a volume of the plan. */
void cdisk_create_mkfs(const struct cdisk_create *p, const struct cdisk_plan *plan,
		       struct cdisk_mkfs *ret_mkfs);

/* Overwrites or discards bytes from ... to - 1 of fd, with progress. */
int cdisk_create_wipe(struct cdisk *c, int fd, uint64_t from, uint64_t to, enum cdisk_wipe wipe);

#endif
