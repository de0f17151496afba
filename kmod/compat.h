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
#include <linux/cryptdisk.h>

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

/* STACKING: a processor may go offline although requests hang in a backing. */
#if CDISK_KERNEL(6, 14)
#define CDISK_TAG_FLAGS (BLK_MQ_F_STACKING | BLK_MQ_F_NO_SCHED_BY_DEFAULT)
#else
#define CDISK_TAG_FLAGS (BLK_MQ_F_STACKING | BLK_MQ_F_NO_SCHED_BY_DEFAULT | BLK_MQ_F_SHOULD_MERGE)
#endif

/* discard: what is discarded or zeroed needs no data below. */
static inline struct gendisk *cdisk_gendisk_alloc(
	struct blk_mq_tag_set *tags, const struct cryptdisk_attach *as, bool discard, void *data)
{
	const u32 physical = max_t(u32, as->block_size, 4096), max_sectors = 2560;
	const u16 max_segments = max_sectors / 8; /* its pages may lie anywhere */
	const bool cache = !(as->flags & CRYPTDISK_F_RDONLY);
	const u32 max_discard = discard ? UINT_MAX >> SECTOR_SHIFT : 0;
#ifdef BLK_FEAT_WRITE_CACHE
	struct queue_limits limits = {
		.logical_block_size = as->block_size,
		.physical_block_size = physical,
		.io_min = physical,
		.max_hw_sectors = max_sectors,
		.max_segments = max_segments,
		.max_hw_discard_sectors = max_discard,
		.max_write_zeroes_sectors = max_discard,
		.discard_granularity = discard ? physical : 0,
		.features = cache ? BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA : 0,
	};

	return blk_mq_alloc_disk(tags, &limits, data);
#else
	struct gendisk *gendisk = blk_mq_alloc_disk(tags, data);
	struct request_queue *queue;

	if (IS_ERR(gendisk))
		return gendisk;
	queue = gendisk->queue;
	blk_queue_logical_block_size(queue, as->block_size);
	blk_queue_physical_block_size(queue, physical);
	blk_queue_io_min(queue, physical);
	blk_queue_max_hw_sectors(queue, max_sectors);
	blk_queue_max_segments(queue, max_segments);
	blk_queue_max_discard_sectors(queue, max_discard);
	blk_queue_max_write_zeroes_sectors(queue, max_discard);
	queue->limits.discard_granularity = discard ? physical : 0;
	blk_queue_write_cache(queue, cache, cache);
	blk_queue_flag_set(QUEUE_FLAG_NONROT, queue);
	return gendisk;
#endif
}

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
