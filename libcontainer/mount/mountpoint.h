/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a filesystem gets mounted: a name of our own, or a directory of the caller. */
#ifndef CDISK_MOUNT_MOUNTPOINT_H
#define CDISK_MOUNT_MOUNTPOINT_H

#include <stdbool.h>
#include "base/context.h"

struct cdisk_mountpoint {
	char path[CDISK_PATH_SIZE]; /* absolute, without symlinks */
	int fd;                     /* O_PATH on the directory; what root mounts on */
	int lock;                   /* of the run directory: no other program takes the name */
	bool made;                  /* by us, now */
};

/* A directory name from a label (text of a disk: hostile); fallback where nothing is left of it. */
void cdisk_mountpoint_name(const char *label, const char *fallback, char ret_name[CDISK_NAME_SIZE]);

/* label: for a mount point of our own, m->mountpoint == NULL. -EACCES, -EEXIST, -ENOTDIR, ... */
int cdisk_mountpoint_prepare(struct cdisk *c, const struct cdisk_mount *m, const char *label,
	const char *fallback, struct cdisk_mountpoint *ret);

/* Lets go; keep = false removes the directory again if it was made. */
void cdisk_mountpoint_done(struct cdisk_mountpoint *mp, bool keep);

/* Removes a mount point of our own (beneath <run>/mnt) after its unmount. */
void cdisk_mountpoint_remove(struct cdisk *c, const char *path);

/* -EACCES with the reason for a path (absolute, resolved) that belongs to the system. */
int cdisk_mountpoint_check_system(struct cdisk *c, const char *path);

#endif
