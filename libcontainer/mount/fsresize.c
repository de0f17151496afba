// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/mount.h"

#include <ext2fs/ext2fs.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "base/io.h"
#include "base/util.h"
#include "mount/fstool.h"

static bool type_is_ext(const char *type)
{
	return strcmp(type, "ext2") == 0 || strcmp(type, "ext3") == 0 || strcmp(type, "ext4") == 0;
}

/* A resize that failed: no space is an answer of its own, the rest keeps the tool's words. */
static int resize_failure(struct cdisk *c, const char *type, const struct cdisk_fstool *t)
{
	char reason[256];
	int r;

	cdisk_fstool_reason(t, reason, sizeof(reason));
	if (strstr(t->output, "No space left on device"))
		return cdisk_fail(c, -ENOSPC, "the content of the %s filesystem does not fit: %s",
			type, reason);
	if (strstr(t->output, "Permission denied to resize")) {
		/* EXT4_IOC_RESIZE_FS wants CAP_SYS_RESOURCE, which root in a container may
		 * lack. */
		r = cdisk_fail(c, -EPERM, "this system does not let a mounted %s grow", type);
		cdisk_hint(c, "unmount it and resize it then");
		return r;
	}
	return cdisk_fail(
		c, -CDISK_ERR_FILESYSTEM, "cannot resize the %s filesystem: %s", type, reason);
}

/* None of these programs may be stopped half-way: .what stays NULL. */
static int run_resize(struct cdisk *c, const char *type, struct cdisk_fstool *t)
{
	int r = cdisk_fstool_run(c, t);

	return r > 0 ? resize_failure(c, type, t) : r;
}

/* resize2fs insists on a check, and rightly: it moves what the maps say. */
static int ext_check_first(struct cdisk *c, const char *type, const char *disk)
{
	_cleanup_fstool_ struct cdisk_fstool t = {.n = 0};
	char reason[256];
	int r = cdisk_fstool_init(c, &t, "e2fsck", "e2fsprogs");

	if (r < 0)
		return r;
	cdisk_fstool_add2(&t, "-f", "-p");
	cdisk_fstool_add(&t, disk);
	r = cdisk_fstool_run(c, &t);
	if (r < 4)
		return r < 0 ? r : 0;
	cdisk_fstool_reason(&t, reason, sizeof(reason));
	r = cdisk_fail(c, -CDISK_ERR_FILESYSTEM,
		"the %s filesystem has errors and was not resized: %s", type, reason);
	cdisk_hint(c, "check it with fsck first");
	return r;
}

static int ext_block_size(struct cdisk *c, const char *disk, uint32_t *ret_size)
{
	_cleanup_close_ int fd = open(disk, O_RDONLY | O_CLOEXEC);
	struct cdisk_fs fs;
	int r;

	if (fd < 0)
		return cdisk_fail(c, -errno, "cannot open '%s': %s", disk, strerror(errno));
	r = cdisk_fs_probe(c, fd, &fs);
	if (r < 0)
		return r;
	if (!type_is_ext(fs.type) || fs.block_size == 0)
		return cdisk_fail(c, -CDISK_ERR_FILESYSTEM,
			"the disk does not hold the ext filesystem that was expected");
	*ret_size = fs.block_size;
	return 0;
}

int cdisk_fs_size_min(struct cdisk *c, const char *type, const char *disk, uint64_t *ret_size)
{
	static const char key[] = "size of the filesystem: ";
	_cleanup_fstool_ struct cdisk_fstool t = {.n = 0};
	unsigned long long blocks;
	uint32_t block_size = 0;
	const char *p;
	int r;

	if (!type_is_ext(type))
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"how far %s can shrink is not known beforehand", type);
	r = ext_block_size(c, disk, &block_size);
	if (r == 0)
		r = cdisk_fstool_init(c, &t, "resize2fs", "e2fsprogs");
	if (r < 0)
		return r;
	cdisk_fstool_add2(&t, "-P", disk);
	r = run_resize(c, type, &t);
	if (r < 0)
		return r;
	p = strstr(t.output, key);
	if (!p || sscanf(p + strlen(key), "%llu", &blocks) != 1 ||
		!cdisk_mul_u64(blocks, block_size, ret_size))
		return cdisk_fail(c, -EIO, "resize2fs does not tell how far %s can shrink", type);
	return 0;
}

static int ext_refuse_too_small(struct cdisk *c, const char *type, const char *disk, uint64_t size)
{
	uint64_t min;
	int r = cdisk_fs_size_min(c, type, disk, &min);

	if (r < 0 || size >= min)
		return r;
	r = cdisk_fail(c, -ENOSPC,
		"the content of the %s filesystem needs at least %llu bytes, %llu are too few",
		type, (unsigned long long)min, (unsigned long long)size);
	cdisk_hint(c, "remove files, or choose a larger size");
	return r;
}

/* Largest size for which the filesystem has reserved room for descriptors of block groups. */
static int ext_size_max(struct cdisk *c, const char *disk, uint64_t *ret_size)
{
	ext2_filsys fs = NULL;
	uint64_t groups, blocks;
	long r = ext2fs_open(disk, EXT2_FLAG_64BITS, 0, 0, unix_io_manager, &fs);

	if (r)
		return cdisk_fail(c, -CDISK_ERR_FILESYSTEM, "the ext filesystem cannot be read");
	groups = ((uint64_t)fs->desc_blocks + fs->super->s_reserved_gdt_blocks) *
		 EXT2_DESC_PER_BLOCK(fs->super);
	if (!ext2fs_has_feature_resize_inode(fs->super) ||
		!cdisk_mul_u64(groups, EXT2_BLOCKS_PER_GROUP(fs->super), &blocks) ||
		!cdisk_mul_u64(blocks, fs->blocksize, ret_size))
		*ret_size = UINT64_MAX;
	ext2fs_free(fs);
	return 0;
}

/* resize2fs 1.47 tries it, fails half-way and leaves a filesystem without a root directory. */
static int ext_refuse_too_large(struct cdisk *c, const char *type, const char *disk, uint64_t size)
{
	_cleanup_close_ int fd = open(disk, O_RDONLY | O_CLOEXEC);
	uint64_t max = 0;
	int r = fd < 0 ? -errno : 0;

	if (r == 0 && size == 0)
		r = cdisk_fd_size(fd, &size);
	if (r < 0)
		return cdisk_fail(c, r, "cannot open '%s': %s", disk, strerror(-r));
	r = ext_size_max(c, disk, &max);
	if (r < 0 || size <= max)
		return r;
	r = cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
		"this %s filesystem can grow to %llu bytes at most, not to %llu", type,
		(unsigned long long)max, (unsigned long long)size);
	cdisk_hint(c, "make a new container of that size and copy the files");
	return r;
}

static int ext_resize(struct cdisk *c, const char *type, const char *disk, uint64_t size)
{
	_cleanup_fstool_ struct cdisk_fstool t = {.n = 0};
	char text[32];
	int r = ext_check_first(c, type, disk);

	if (r == 0 && size > 0)
		r = ext_refuse_too_small(c, type, disk, size);
	if (r == 0)
		r = ext_refuse_too_large(c, type, disk, size);
	if (r == 0)
		r = cdisk_fstool_init(c, &t, "resize2fs", "e2fsprogs");
	if (r < 0)
		return r;
	cdisk_fstool_add(&t, disk);
	if (size > 0) {
		(void)snprintf(text, sizeof(text), "%lluK", (unsigned long long)(size / 1024));
		cdisk_fstool_add(&t, text);
	}
	return run_resize(c, type, &t);
}

static int xfs_resize(struct cdisk *c, const char *disk, uint64_t size)
{
	_cleanup_fstool_ struct cdisk_fstool t = {.n = 0};
	int r;

	if (size > 0)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "xfs can grow, but not shrink");
	r = cdisk_fstool_init(c, &t, "xfs_growfs", "xfsprogs");
	if (r < 0)
		return r;
	cdisk_fstool_add(&t, CDISK_FSTOOL_MOUNT);
	r = cdisk_fstool_in_mount(c, &t, "xfs", disk);
	return r < 0 ? r : run_resize(c, "xfs", &t);
}

static int btrfs_resize(struct cdisk *c, const char *disk, uint64_t size)
{
	_cleanup_fstool_ struct cdisk_fstool t = {.n = 0};
	char text[32] = "max";
	int r = cdisk_fstool_init(c, &t, "btrfs", "btrfs-progs");

	if (r < 0)
		return r;
	if (size > 0)
		(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)size);
	cdisk_fstool_add2(&t, "filesystem", "resize");
	cdisk_fstool_add2(&t, text, CDISK_FSTOOL_MOUNT);
	r = cdisk_fstool_in_mount(c, &t, "btrfs", disk);
	return r < 0 ? r : run_resize(c, "btrfs", &t);
}

int cdisk_fs_resize(struct cdisk *c, const char *type, const char *disk, uint64_t size)
{
	if (type_is_ext(type))
		return ext_resize(c, type, disk, size);
	if (strcmp(type, "xfs") == 0)
		return xfs_resize(c, disk, size);
	if (strcmp(type, "btrfs") == 0)
		return btrfs_resize(c, disk, size);
	return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
		"a %s filesystem cannot be resized: ext2, ext3, ext4 and btrfs can, xfs can grow",
		type[0] ? type : "unknown");
}

int cdisk_fs_grow_online(
	struct cdisk *c, const char *type, const char *node, const char *mountpoint)
{
	_cleanup_fstool_ struct cdisk_fstool t = {.n = 0};
	int r;

	if (node[0] == '\0') {
		r = cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"a filesystem that is not mounted by the kernel cannot grow while it is "
			"mounted");
		cdisk_hint(c, "unmount it and resize it then");
		return r;
	}
	if (type_is_ext(type)) {
		r = cdisk_fstool_init(c, &t, "resize2fs", "e2fsprogs");
		if (r == 0)
			cdisk_fstool_add(&t, node);
	} else if (strcmp(type, "xfs") == 0) {
		r = cdisk_fstool_init(c, &t, "xfs_growfs", "xfsprogs");
		if (r == 0)
			cdisk_fstool_add(&t, mountpoint);
	} else if (strcmp(type, "btrfs") == 0) {
		r = cdisk_fstool_init(c, &t, "btrfs", "btrfs-progs");
		if (r == 0) {
			cdisk_fstool_add2(&t, "filesystem", "resize");
			cdisk_fstool_add2(&t, "max", mountpoint);
		}
	} else {
		r = cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"a %s filesystem cannot grow while it is mounted", type);
	}
	return r < 0 ? r : run_resize(c, type, &t);
}
