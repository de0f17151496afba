// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/mount.h"

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>
#include <fcntl.h>
#include <string.h>
#include "base/io.h"
#include "base/util.h"

static void cleanup_ext(ext2_filsys *fs)
{
	if (*fs)
		ext2fs_free(*fs);
}

static int ext_fail(struct cdisk *c, errcode_t e, const char *what)
{
	/* libext2fs passes errno values on as they are; its own numbers are far above. */
	if (e > 0 && e < 4096)
		return cdisk_fail(c, -(int)e, "cannot %s: %s", what, strerror((int)e));
	return cdisk_fail(c, -CDISK_ERR_FILESYSTEM, "cannot %s: %s", what, error_message(e));
}

/* The free map of a filesystem that somebody has to look at first proves nothing. */
static int ext_check(struct cdisk *c, ext2_filsys fs, uint64_t disk_size)
{
	uint64_t end;
	int r;

	if (!(fs->super->s_state & EXT2_VALID_FS) || (fs->super->s_state & EXT2_ERROR_FS) ||
		ext2fs_has_feature_journal_needs_recovery(fs->super)) {
		r = cdisk_fail(c, -CDISK_ERR_FILESYSTEM,
			"the filesystem was not unmounted cleanly, its free space is not known");
		cdisk_hint(c, "check it with fsck first");
		return r;
	}
	if (!cdisk_mul_u64(ext2fs_blocks_count(fs->super), fs->blocksize, &end) || end > disk_size)
		return cdisk_fail(c, -CDISK_ERR_FILESYSTEM,
			"the filesystem is larger than its disk, its free space is not known");
	return 0;
}

/* libext2fs complains about a block outside the filesystem on stderr: it is not asked. */
static void ext_mark(ext2_filsys fs, blk64_t block, blk64_t count)
{
	blk64_t end = ext2fs_blocks_count(fs->super);

	if (block >= fs->super->s_first_data_block && block < end && count <= end - block)
		ext2fs_mark_block_bitmap_range2(fs->block_map, block, (unsigned int)count);
}

/*
 * Whatever the bitmap on disk says, superblocks, descriptors, bitmaps and inode tables are in use:
 * a wrong bit must not give them away.
 */
static void ext_mark_metadata(ext2_filsys fs)
{
	ext_mark(fs, fs->super->s_first_data_block, 1);
	for (dgrp_t g = 0; g < fs->group_desc_count; g++) {
		ext2fs_reserve_super_and_bgd(fs, g, fs->block_map);
		ext_mark(fs, ext2fs_block_bitmap_loc(fs, g), 1);
		ext_mark(fs, ext2fs_inode_bitmap_loc(fs, g), 1);
		ext_mark(fs, ext2fs_inode_table_loc(fs, g), fs->inode_blocks_per_group);
	}
}

static int ext_walk(ext2_filsys fs, cdisk_free_fn fn, void *data)
{
	blk64_t last = ext2fs_blocks_count(fs->super) - 1, next = fs->super->s_first_data_block;

	while (next <= last) {
		blk64_t start, end;
		int r;

		if (ext2fs_find_first_zero_block_bitmap2(fs->block_map, next, last, &start) != 0)
			break;
		if (ext2fs_find_first_set_block_bitmap2(fs->block_map, start, last, &end) != 0)
			end = last + 1;
		/* With clusters the answers are rounded down to one: never before what was asked.
		 */
		if (start < next)
			start = next;
		if (end <= start)
			break;
		r = fn(start * fs->blocksize, (end - start) * fs->blocksize, data);
		if (r != 0)
			return r;
		next = end;
	}
	return 0;
}

int cdisk_fs_free_offline(
	struct cdisk *c, const char *type, const char *disk, cdisk_free_fn fn, void *data)
{
	CDISK_CLEANUP(cleanup_ext) ext2_filsys fs = NULL;
	_cleanup_close_ int fd = -1;
	char path[CDISK_FD_PATH_MAX];
	uint64_t size;
	errcode_t e;
	int r;

	if (strcmp(type, "ext2") != 0 && strcmp(type, "ext3") != 0 && strcmp(type, "ext4") != 0) {
		r = cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"the free space of an unmounted %s is not known", type[0] ? type : "disk");
		cdisk_hint(c, "as root, trim it while it is mounted (ext4 and xfs)");
		return r;
	}
	/*
	 * A map that calls used blocks free would cost data, and libext2fs trusts its input more
	 * than an image from anywhere deserves: only what e2fsck (a process of its own) finds
	 * nothing wrong with is read.
	 */
	r = cdisk_fsck_run(c, type, disk, /* repair= */ false, /* preen= */ false, NULL);
	if (r < 0)
		return r;
	fd = open(disk, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cdisk_fail(c, -errno, "cannot open '%s': %s", disk, strerror(errno));
	r = cdisk_fd_size(fd, &size);
	if (r < 0)
		return cdisk_fail(c, r, "cannot tell the size of '%s': %s", disk, strerror(-r));
	cdisk_fd_path(fd, path);
	initialize_ext2_error_table();
	e = ext2fs_open(path, EXT2_FLAG_64BITS, 0, 0, unix_io_manager, &fs);
	if (e)
		return ext_fail(c, e, "read the filesystem");
	r = ext_check(c, fs, size);
	if (r < 0)
		return r;
	e = ext2fs_read_block_bitmap(fs);
	if (e)
		return ext_fail(c, e, "read the map of free blocks");
	ext_mark_metadata(fs);
	return ext_walk(fs, fn, data);
}
