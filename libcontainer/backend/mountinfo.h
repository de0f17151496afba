/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mounts of this namespace as /proc/self/mountinfo lists them. Own parsing: a list must be had
 * without any path being resolved, since a path may lead into a mount whose server hangs.
 */
#ifndef CDISK_BACKEND_MOUNTINFO_H
#define CDISK_BACKEND_MOUNTINFO_H

#include <stddef.h>
#include <stdint.h>
#include "base/util.h"

struct cdisk_mount_entry {
	int id;
	uint32_t major, minor;
	const char *root;   /* what of the filesystem is mounted */
	const char *target; /* mount point */
	const char *flags;  /* of the mount: "rw,nosuid,nodev,..." */
	const char *type;
	const char *source;
	const char *options; /* of the filesystem */
};

struct cdisk_mountinfo {
	char *text; /* the entries' strings lie in it */
	struct cdisk_mount_entry *entries;
	size_t n;
};

/* Takes text (NUL-terminated, from malloc) over in every case. Lines it cannot read are left out.
 */
int cdisk_mountinfo_parse(char *text, struct cdisk_mountinfo *ret);
int cdisk_mountinfo_read(struct cdisk_mountinfo *ret);
void cdisk_mountinfo_done(struct cdisk_mountinfo *m);

/* The topmost mount at exactly this path, or NULL. */
const struct cdisk_mount_entry *cdisk_mountinfo_at(
	const struct cdisk_mountinfo *m, const char *target);

/* Value of "name=NUMBER" in a comma-separated list; fallback where there is none. */
uint32_t cdisk_option_number(const char *options, const char *name, uint32_t fallback);
/* True if word is one of the comma-separated options. */
bool cdisk_option_has(const char *options, const char *word);

#define _cleanup_mountinfo_ CDISK_CLEANUP(cdisk_mountinfo_done)

#endif
