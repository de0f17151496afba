// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/server.h"

#include <stdio.h>
#include <string.h>
#include "backend/mapped.h"

static void loops_keep(struct cdisk_over *o, const char *disk)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_loops; i++)
		if (cdisk_loop_backing_is(o->loops[i].backing, disk))
			o->loops[n++] = o->loops[i];
	o->n_loops = n;
}

/*
 * The source of a FUSE mount is text of whoever made it, and any user can make one: it counts from
 * the disk's owner only, or a user could put a mount of his own in the place of root's.
 */
bool cdisk_source_counts(const struct cdisk_mount_entry *e, uint32_t owner)
{
	if (strncmp(e->type, "fuse", 4) != 0)
		return true;
	return owner != UINT32_MAX &&
	       cdisk_option_number(e->options, "user_id", UINT32_MAX) == owner;
}

/* By source or by device number: btrfs mounts have a number of their own, binds another source. */
static bool mount_is_over(const struct cdisk_over *o, const struct cdisk_mount_entry *e,
	const char *disk, uint32_t owner)
{
	if (!cdisk_source_counts(e, owner))
		return false;
	if (strcmp(e->source, disk) == 0 || (o->kernel[0] && strcmp(e->source, o->kernel) == 0))
		return true;
	if (o->kernel[0] && e->major == o->major && e->minor == o->minor)
		return true;
	for (size_t i = 0; i < o->n_loops; i++)
		if (strcmp(e->source, o->loops[i].node) == 0 ||
			(e->major == o->loops[i].major && e->minor == o->loops[i].minor))
			return true;
	return false;
}

/* A mapping has a number, and a name of the kernel's that mounts and descriptors may show. */
static void mapping_find(struct cdisk_over *o, const char *disk)
{
	struct cdisk_mapped m;

	if (strncmp(disk, CDISK_OVER_MAPPER, strlen(CDISK_OVER_MAPPER)) != 0 ||
		cdisk_mapped_find("/sys", disk + strlen(CDISK_OVER_MAPPER), &m) < 0)
		return;
	(void)snprintf(o->kernel, sizeof(o->kernel), "/dev/%s", m.kernel);
	o->major = m.major;
	o->minor = m.minor;
}

int cdisk_over_find(
	const struct cdisk_mountinfo *m, const char *disk, uint32_t owner, struct cdisk_over *ret)
{
	struct cdisk_over o = {0};
	int n = cdisk_loop_list(&o.loops);

	if (n > 0)
		o.n_loops = (size_t)n;
	loops_keep(&o, disk);
	mapping_find(&o, disk);
	o.mounts = calloc(m->n + 1, sizeof(*o.mounts));
	if (!o.mounts) {
		cdisk_over_done(&o);
		return -ENOMEM;
	}
	for (size_t i = 0; i < m->n; i++)
		if (mount_is_over(&o, &m->entries[i], disk, owner))
			o.mounts[o.n_mounts++] = &m->entries[i];
	*ret = o;
	return 0;
}

void cdisk_over_done(struct cdisk_over *o)
{
	cdisk_cleanup_free(&o->loops);
	cdisk_cleanup_free(&o->mounts);
	*o = (struct cdisk_over){0};
}
