// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/mount.h"

#include <string.h>

const struct cdisk_fstype cdisk_fstypes[] = {
	{.name = "ext4",
		.server = "fuse2fs",
		.mkfs = "mke2fs",
		.fsck = "e2fsck",
		.package = "e2fsprogs",
		.server_package = "fuse2fs"},
	{.name = "ext3",
		.server = "fuse2fs",
		.fsck = "e2fsck",
		.package = "e2fsprogs",
		.server_package = "fuse2fs"},
	{.name = "ext2",
		.server = "fuse2fs",
		.fsck = "e2fsck",
		.package = "e2fsprogs",
		.server_package = "fuse2fs"},
	{.name = "vfat",
		.server = "fusefat",
		.mkfs = "mkfs.vfat",
		.fsck = "fsck.vfat",
		.package = "dosfstools",
		.server_package = "fusefat"},
	{.name = "exfat",
		.server = "mount.exfat-fuse",
		.mkfs = "mkfs.exfat",
		.fsck = "fsck.exfat",
		.package = "exfatprogs",
		.server_package = "exfat-fuse"},
	{.name = "ntfs",
		.server = "ntfs-3g",
		.fsck = "ntfsfix",
		.package = "ntfs-3g",
		.server_package = "ntfs-3g"},
	{.name = "xfs", .mkfs = "mkfs.xfs", .fsck = "xfs_repair", .package = "xfsprogs"},
	{.name = "btrfs", .mkfs = "mkfs.btrfs", .fsck = "btrfs", .package = "btrfs-progs"},
	{.name = NULL},
};

const struct cdisk_fstype *cdisk_fstype_get(const char *name)
{
	for (const struct cdisk_fstype *t = cdisk_fstypes; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}
