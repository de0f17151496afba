/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels 6.1 and later. Only cdisk_ and CDISK_ names are defined: stable
 * kernels take functions back from later ones, and a shim under the kernel's own name then breaks
 * the build. A macro of the kernel's is tested where there is one, else the version.
 */
#ifndef CDISK_COMPAT_H
#define CDISK_COMPAT_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/version.h>

#define CDISK_KERNEL(major, minor) (LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, 0))

#if CDISK_KERNEL(6, 5)
#define CDISK_OPEN_ARGS struct gendisk *gendisk, blk_mode_t mode
#define CDISK_OPEN_GENDISK gendisk
#define CDISK_OPEN_EXCL BLK_OPEN_EXCL
#define CDISK_RELEASE_ARGS struct gendisk *gendisk
#else
#define CDISK_OPEN_ARGS struct block_device *bdev, fmode_t mode
#define CDISK_OPEN_GENDISK (bdev->bd_disk)
#define CDISK_OPEN_EXCL FMODE_EXCL
#define CDISK_RELEASE_ARGS struct gendisk *gendisk, fmode_t mode
#endif

/*
 * STACKING: a processor may go offline although requests hang in a backing.
 */
#if CDISK_KERNEL(6, 14)
#define CDISK_TAG_FLAGS (BLK_MQ_F_STACKING | BLK_MQ_F_NO_SCHED_BY_DEFAULT)
#else
#define CDISK_TAG_FLAGS                                                                            \
	(BLK_MQ_F_STACKING | BLK_MQ_F_NO_SCHED_BY_DEFAULT | BLK_MQ_F_SHOULD_MERGE)
#endif

struct cdisk_limits {
	u32 block_size;
	bool cache;   /* there is something to flush */
	bool discard; /* and zeros without data */
};

#define CDISK_PHYSICAL_BLOCK(block_size) max_t(u32, block_size, 4096)
#define CDISK_MAX_SECTORS 2560
#define CDISK_MAX_DISCARD (UINT_MAX >> SECTOR_SHIFT)

#ifdef BLK_FEAT_WRITE_CACHE
static inline struct gendisk *cdisk_gendisk_alloc(
	struct blk_mq_tag_set *tags, const struct cdisk_limits *want, void *data)
{
	struct queue_limits limits = {
		.logical_block_size = want->block_size,
		.physical_block_size = CDISK_PHYSICAL_BLOCK(want->block_size),
		.io_min = CDISK_PHYSICAL_BLOCK(want->block_size),
		.max_hw_sectors = CDISK_MAX_SECTORS,
		.features = want->cache ? BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA : 0,
	};

	if (want->discard) {
		limits.discard_granularity = CDISK_PHYSICAL_BLOCK(want->block_size);
		limits.max_hw_discard_sectors = CDISK_MAX_DISCARD;
		limits.max_write_zeroes_sectors = CDISK_MAX_DISCARD;
	}
	return blk_mq_alloc_disk(tags, &limits, data);
}
#else
static inline struct gendisk *cdisk_gendisk_alloc(
	struct blk_mq_tag_set *tags, const struct cdisk_limits *want, void *data)
{
	struct gendisk *gendisk = blk_mq_alloc_disk(tags, data);
	struct request_queue *queue;

	if (IS_ERR(gendisk))
		return gendisk;
	queue = gendisk->queue;
	blk_queue_logical_block_size(queue, want->block_size);
	blk_queue_physical_block_size(queue, CDISK_PHYSICAL_BLOCK(want->block_size));
	blk_queue_io_min(queue, CDISK_PHYSICAL_BLOCK(want->block_size));
	blk_queue_max_hw_sectors(queue, CDISK_MAX_SECTORS);
	blk_queue_write_cache(queue, want->cache, want->cache);
	blk_queue_flag_set(QUEUE_FLAG_NONROT, queue);
	if (want->discard) {
		queue->limits.discard_granularity = CDISK_PHYSICAL_BLOCK(want->block_size);
		blk_queue_max_discard_sectors(queue, CDISK_MAX_DISCARD);
		blk_queue_max_write_zeroes_sectors(queue, CDISK_MAX_DISCARD);
	}
	return gendisk;
}
#endif

/* Freeze protection from a write's submission to its completion, in whatever context that is. */
static inline void cdisk_write_begin(struct file *file)
{
	if (!S_ISREG(file_inode(file)->i_mode))
		return;
	sb_start_write(file_inode(file)->i_sb);
	__sb_writers_release(file_inode(file)->i_sb, SB_FREEZE_WRITE);
}

static inline void cdisk_write_end(struct file *file)
{
	if (!S_ISREG(file_inode(file)->i_mode))
		return;
	__sb_writers_acquired(file_inode(file)->i_sb, SB_FREEZE_WRITE);
	sb_end_write(file_inode(file)->i_sb);
}

#endif
