/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drive that a container lies on. */
#ifndef CDISK_MOUNT_MEDIUM_H
#define CDISK_MOUNT_MEDIUM_H

#include "backend/mountinfo.h"
#include "base/context.h"

#define CDISK_DRIVES_MAX 8

struct cdisk_medium_search {
	const char *sys; /* "/sys"; another place for tests */
	char drives[CDISK_DRIVES_MAX][32]; /* whole drives, "sdb" */
	size_t n_drives;
	bool fixed; /* one of them cannot be taken out */
};

/* Adds the drives below a block device. */
void cdisk_medium_drives(struct cdisk_medium_search *s, uint32_t major, uint32_t minor);

/* Where in m any of these drives is mounted; cdisk_strv_free(). The count, or -ENOMEM. */
int cdisk_medium_mounts(
	const struct cdisk_medium_search *s, const struct cdisk_mountinfo *m, char ***ret_list);

/* cdisk_attachment_medium() of cryptdisk.h. */
int cdisk_medium_find(struct cdisk *c, const struct cdisk_attachment *a,
	struct cdisk_medium *ret_medium, char ***ret_mounts);

#endif
