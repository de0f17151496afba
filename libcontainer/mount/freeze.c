// SPDX-License-Identifier: GPL-2.0-or-later
/* Free ranges of a mounted filesystem, which stands still while they are used. */
#include "mount/mounting.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fsmap.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "base/util.h"

#define RECORDS 1024

/* The device number in the form of GETFSMAP (the kernel's new_encode_dev). */
static uint32_t fsmap_device(dev_t dev)
{
	uint32_t low = minor(dev) & 0xffu, high = minor(dev) & ~0xffu;

	return low | (uint32_t)major(dev) << 8 | high << 12;
}

/* One batch of records: fn for each that is free space of this device. 1 = it was the last. */
static int walk_records(
	const struct fsmap_head *head, uint32_t device, cdisk_free_fn fn, void *data)
{
	for (uint32_t i = 0; i < head->fmh_entries; i++) {
		const struct fsmap *m = &head->fmh_recs[i];
		int r;

		if (m->fmr_device == device && (m->fmr_flags & FMR_OF_SPECIAL_OWNER) &&
			m->fmr_owner == FMR_OWN_FREE && m->fmr_length > 0) {
			r = fn(m->fmr_physical, m->fmr_length, data);
			if (r != 0)
				return r < 0 ? r : -ECANCELED;
		}
		if (m->fmr_flags & FMR_OF_LAST)
			return 1;
	}
	return head->fmh_entries < head->fmh_count;
}

static int walk_fsmap(struct cdisk_freeze *z, cdisk_free_fn fn, void *data)
{
	_cleanup_free_ struct fsmap_head *head = calloc(1, fsmap_sizeof(RECORDS));
	struct stat st;
	int r = 0;

	if (!head)
		return cdisk_fail(z->c, -ENOMEM, "out of memory for the map of free space");
	if (fstat(z->fd, &st) < 0)
		return cdisk_fail(z->c, -errno, "cannot look at the mount: %s", strerror(errno));
	head->fmh_count = RECORDS;
	head->fmh_keys[1] = (struct fsmap){.fmr_device = UINT32_MAX,
		.fmr_flags = UINT32_MAX,
		.fmr_physical = UINT64_MAX,
		.fmr_owner = UINT64_MAX,
		.fmr_offset = UINT64_MAX};
	while (r == 0) {
		if (ioctl(z->fd, FS_IOC_GETFSMAP, head) < 0)
			return cdisk_fail(z->c,
				errno == ENOTTY || errno == EOPNOTSUPP ? -CDISK_ERR_UNSUPPORTED
								       : -errno,
				"this kernel does not tell the filesystem's free space: %s",
				strerror(errno));
		if (head->fmh_entries == 0)
			break;
		r = walk_records(head, fsmap_device(st.st_dev), fn, data);
		fsmap_advance(head);
	}
	return r < 0 ? r : 0;
}

int cdisk_fs_free_mounted(struct cdisk *c, const char *type, int fd, const char *mountpoint,
	cdisk_free_fn fn, void *data)
{
	struct cdisk_freeze z = {.c = c, .fd = fd, .guard_fd = -1};
	int r;

	if (strcmp(type, "ext4") != 0 && strcmp(type, "xfs") != 0) {
		r = cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"the free space of a mounted %s cannot be had while it stands still", type);
		cdisk_hint(c, "ext4 can be trimmed mounted and unmounted, ext2 and ext3 unmounted, "
			      "xfs mounted");
		cdisk_close(&z.fd);
		return r;
	}
	r = cdisk_freeze_start(&z, mountpoint);
	if (r == 0)
		r = walk_fsmap(&z, fn, data);
	cdisk_freeze_done(&z);
	return r;
}
