// SPDX-License-Identifier: GPL-2.0-only
/* A disk's life: attached, opened and closed, ended. */
#include <linux/file.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/wait_bit.h>

#include "disk.h"

#define GIVEN_FLAGS                                                                                \
	(CRYPTDISK_F_RDONLY | CRYPTDISK_F_AUTOCLEAR | CRYPTDISK_F_NODISCARD |                      \
		CRYPTDISK_F_DUP_ID | CRYPTDISK_F_REMOVABLE)
#define QUEUE_DEPTH 128
#define MAX_DEFAULT_QUEUES 4

/* Its lock is that of all disks' changing fields. XA_MARK_1: has been announced. */
DEFINE_XARRAY_FLAGS(cdisk_disks, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_IRQ);
static u64 generations;
static struct workqueue_struct *end_queue;
static atomic_t n_disks; /* allocated, gone from the index or not */

/* ---- open and close ---------------------------------------------------------------------- */

static void emit(struct cdisk_disk *disk, u16 type, u64 arg0, u64 arg1)
{
	cdisk_event_emit(disk, type, CRYPTDISK_EV_BY_KERNEL, arg0, arg1);
}

/* udev's probe comes between the disk and its announcement: allowed, told later. */
static int disk_open(CDISK_OPEN_ARGS)
{
	struct cdisk_disk *disk = CDISK_OPEN_GENDISK->private_data;
	bool tell, exclusive = mode & CDISK_OPEN_EXCL;

	xa_lock_irq(&cdisk_disks);
	if (disk->state == CDISK_DYING) {
		xa_unlock_irq(&cdisk_disks);
		return -ENXIO;
	}
	tell = disk->state == CDISK_LIVE;
	if (!disk->openers++ && tell)
		emit(disk, CRYPTDISK_EV_BUSY, 0, 0);
	if (exclusive && !disk->claimed && tell)
		emit(disk, CRYPTDISK_EV_CLAIMED, 0, 0);
	disk->claimed |= exclusive;
	disk->armed |= exclusive;
	xa_unlock_irq(&cdisk_disks);
	return 0;
}

/* The mounter died or forgot. */
static bool disk_unmounted(struct cdisk_disk *disk)
{
	bool was = disk->mounted;

	if (was)
		emit(disk, CRYPTDISK_EV_UNMOUNTED, 0, 0);
	disk->mounted = false;
	return was;
}

static void disk_release(CDISK_RELEASE_ARGS)
{
	struct cdisk_disk *disk = gendisk->private_data;
	bool unmounted = false;

	xa_lock_irq(&cdisk_disks);
	disk->openers--;
	if (!disk->openers && disk->state == CDISK_LIVE) {
		unmounted = disk_unmounted(disk);
		emit(disk, CRYPTDISK_EV_IDLE, 0, 0);
		if (disk->ejecting || (disk->armed && disk->config & CRYPTDISK_F_AUTOCLEAR))
			cdisk_disk_end(disk);
	}
	if (!disk->openers)
		disk->claimed = false;
	xa_unlock_irq(&cdisk_disks);
	/* The block layer holds its open_mutex: the disk is not deleted before this is out. */
	if (unmounted)
		cdisk_sysfs_change(disk, "unmounted");
}

/* Who attached a descriptor that may not write has a disk that cannot be written. */
static int disk_set_read_only(struct block_device *bdev, bool ro)
{
	struct cdisk_disk *disk = bdev->bd_disk->private_data;

	return !ro && (disk->config & CRYPTDISK_F_RDONLY) ? -EROFS : 0;
}

static void disk_free(struct cdisk_disk *disk)
{
	mutex_destroy(&disk->mutex);
	kfree(disk);
	if (atomic_dec_and_test(&n_disks))
		wake_up_var(&n_disks);
}

static void disk_free_gendisk(struct gendisk *gendisk)
{
	disk_free(gendisk->private_data);
}

const struct block_device_operations cdisk_disk_operations = {
	.owner = THIS_MODULE,
	.open = disk_open,
	.release = disk_release,
	.set_read_only = disk_set_read_only,
	.free_disk = disk_free_gendisk,
};

/* ---- end --------------------------------------------------------------------------------- */

/* Under the lock. A mapping's mask is restored with the last disk over it. */
static void gfp_restrict(struct cdisk_disk *disk, const struct cdisk_disk *other)
{
	struct address_space *mapping = disk->file->f_mapping;

	disk->gfp = other ? other->gfp : mapping_gfp_mask(mapping);
	mapping_set_gfp_mask(mapping, disk->gfp & ~(__GFP_IO | __GFP_FS));
}

static void gfp_restore(struct cdisk_disk *disk, struct address_space *mapping)
{
	struct cdisk_disk *other;
	unsigned long index;

	xa_for_each(&cdisk_disks, index, other)
		if (other != disk && other->file && other->file->f_mapping == mapping)
			return;
	mapping_set_gfp_mask(mapping, disk->gfp);
}

static struct file *disk_take_file(struct cdisk_disk *disk)
{
	struct file *file = disk->file;

	xa_lock_irq(&cdisk_disks);
	gfp_restore(disk, file->f_mapping);
	disk->file = NULL;
	xa_unlock_irq(&cdisk_disks);
	return file;
}

/* The file is closed before DETACHED is told, and the index given back with it. */
static void disk_end_work(struct work_struct *work)
{
	struct cdisk_disk *disk = container_of(work, struct cdisk_disk, end);
	struct gendisk *gendisk = disk->gendisk;

	mutex_lock(&disk->mutex); /* who saw it live has told udev */
	mutex_unlock(&disk->mutex);
	if (disk->forced)
		blk_mark_disk_dead(gendisk);
	del_gendisk(gendisk);
	cdisk_io_stop(disk);
	blk_mq_free_tag_set(&disk->tags);
	__fput_sync(disk_take_file(disk));
	xa_lock_irq(&cdisk_disks);
	disk_unmounted(disk);
	emit(disk, CRYPTDISK_EV_DETACHED, 0, 0);
	__xa_erase(&cdisk_disks, disk->index);
	xa_unlock_irq(&cdisk_disks);
	module_put(THIS_MODULE);
	complete_all(&disk->gone);
	put_disk(gendisk);
}

/* Under the lock, once. */
void cdisk_disk_end(struct cdisk_disk *disk)
{
	disk->state = CDISK_DYING;
	queue_work(end_queue, &disk->end);
}

struct cdisk_disk *cdisk_disk_get(u32 index, u64 generation)
{
	struct cdisk_disk *disk;

	xa_lock_irq(&cdisk_disks);
	disk = xa_load(&cdisk_disks, index);
	if (!disk || disk->state == CDISK_ADDING)
		disk = ERR_PTR(-ENODEV);
	else if (generation && generation != disk->generation)
		disk = ERR_PTR(-ESTALE);
	else
		get_device(disk_to_dev(disk->gendisk));
	xa_unlock_irq(&cdisk_disks);
	return disk;
}

void cdisk_disk_put(struct cdisk_disk *disk)
{
	put_device(disk_to_dev(disk->gendisk));
}

/* ---- attach ------------------------------------------------------------------------------ */

static bool label_is_good(const char *label)
{
	size_t n = strnlen(label, CRYPTDISK_LABEL_LEN), i;

	for (i = 0; i < n; i++)
		if (label[i] < '!' || label[i] > '~' || label[i] == '/' || label[i] == '\\')
			return false;
	return n < CRYPTDISK_LABEL_LEN && !memchr_inv(label + n, 0, CRYPTDISK_LABEL_LEN - n);
}

static int request_check(struct cryptdisk_attach *request)
{
	if (!request->block_size)
		request->block_size = SECTOR_SIZE;
	if (request->flags & ~GIVEN_FLAGS || request->queues > CRYPTDISK_MAX_QUEUES)
		return -EINVAL;
	if (!is_power_of_2(request->block_size) || request->block_size < SECTOR_SIZE ||
		request->block_size > PAGE_SIZE)
		return -EINVAL;
	if ((request->offset | request->length) & (request->block_size - 1) ||
		request->offset > LLONG_MAX || request->length > LLONG_MAX)
		return -EINVAL;
	if (!label_is_good(request->label) ||
		!memchr_inv(request->volume_id, 0, sizeof(request->volume_id)))
		return -EINVAL;
	return 0;
}

static int file_check(struct file *file, u32 flags)
{
	struct inode *inode = file->f_mapping->host;

	if (!S_ISREG(inode->i_mode) && !S_ISBLK(inode->i_mode))
		return -EINVAL;
	if (S_ISBLK(inode->i_mode) && I_BDEV(inode)->bd_disk->fops == &cdisk_disk_operations)
		return -ELOOP;
	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (!(flags & CRYPTDISK_F_RDONLY) && !(file->f_mode & FMODE_WRITE))
		return -EROFS; /* never silently read-only */
	if (!file->f_op->read_iter || (!(flags & CRYPTDISK_F_RDONLY) && !file->f_op->write_iter))
		return -EINVAL;
	return 0;
}

static bool file_can_discard(struct file *file)
{
	struct inode *inode = file->f_mapping->host;

	if (S_ISBLK(inode->i_mode))
		return bdev_write_zeroes_sectors(I_BDEV(inode));
	return file->f_op->fallocate;
}

/* Whole blocks behind offset. */
loff_t cdisk_disk_room(struct file *file, loff_t offset, u32 block_size)
{
	loff_t size = i_size_read(file->f_mapping->host);

	return size > offset ? round_down(size - offset, (loff_t)block_size) : 0;
}

/* Direct writes go on side by side; buffered ones would only meet at the inode's lock. */
static u32 default_queues(u32 config)
{
	return config & CRYPTDISK_F_DIRECT ? min_t(u32, num_online_cpus(), MAX_DEFAULT_QUEUES) : 1;
}

static struct cdisk_disk *disk_new(const struct cryptdisk_attach *request, struct file *file)
{
	u32 config = request->flags | (file->f_flags & O_DIRECT ? CRYPTDISK_F_DIRECT : 0);
	u32 n_queues = min_t(u32, request->queues ?: default_queues(config), nr_cpu_ids);
	struct inode *inode = file_inode(file);
	struct cdisk_disk *disk;

	disk = kzalloc(struct_size(disk, queues, n_queues), GFP_KERNEL);
	if (!disk)
		return NULL;
	atomic_inc(&n_disks);
	disk->config = config;
	disk->block_size = request->block_size;
	disk->n_queues = n_queues;
	disk->backing_dev = huge_encode_dev(
		S_ISBLK(inode->i_mode) ? inode->i_rdev : inode->i_sb->s_dev);
	disk->backing_ino = inode->i_ino;
	disk->offset = request->offset;
	memcpy(disk->volume_id, request->volume_id, sizeof(disk->volume_id));
	memcpy(disk->label, request->label, sizeof(disk->label));
	disk->file = file;
	mutex_init(&disk->mutex);
	init_completion(&disk->gone);
	INIT_WORK(&disk->end, disk_end_work);
	return disk;
}

/* Under the lock: may it be there beside the others? */
static int index_check(struct cdisk_disk *disk)
{
	struct cdisk_disk *other, *same_file = NULL;
	bool same_id = false;
	unsigned long index;

	xa_for_each(&cdisk_disks, index, other) {
		same_id |= !memcmp(other->volume_id, disk->volume_id, sizeof(disk->volume_id));
		if (!other->file || other->file->f_mapping->host != disk->file->f_mapping->host)
			continue;
		if (!(disk->config & other->config & CRYPTDISK_F_RDONLY))
			return -EBUSY;
		same_file = other;
	}
	if (same_id && !(disk->config & CRYPTDISK_F_DUP_ID))
		return -EEXIST;
	if (!same_id)
		disk->config &= ~CRYPTDISK_F_DUP_ID;
	gfp_restrict(disk, same_file);
	return 0;
}

static int index_enter(struct cdisk_disk *disk)
{
	/* Room first: nothing is allocated under the lock. */
	int err = xa_alloc_irq(&cdisk_disks, &disk->index, NULL, xa_limit_31b, GFP_KERNEL);

	if (err)
		return err;
	xa_lock_irq(&cdisk_disks);
	err = index_check(disk);
	if (!err) {
		disk->generation = ++generations;
		__xa_store(&cdisk_disks, disk->index, disk, GFP_NOWAIT);
	} else {
		__xa_erase(&cdisk_disks, disk->index);
	}
	xa_unlock_irq(&cdisk_disks);
	return err;
}

static void index_leave(struct cdisk_disk *disk)
{
	xa_lock_irq(&cdisk_disks);
	gfp_restore(disk, disk->file->f_mapping);
	__xa_erase(&cdisk_disks, disk->index);
	xa_unlock_irq(&cdisk_disks);
}

static int gendisk_make(struct cdisk_disk *disk, loff_t length)
{
	const struct cdisk_limits limits = {
		.block_size = disk->block_size,
		.cache = !(disk->config & CRYPTDISK_F_RDONLY),
		.discard = !(disk->config & (CRYPTDISK_F_RDONLY | CRYPTDISK_F_NODISCARD)) &&
			file_can_discard(disk->file),
	};
	struct gendisk *gendisk = cdisk_gendisk_alloc(&disk->tags, &limits, disk);

	if (IS_ERR(gendisk))
		return PTR_ERR(gendisk);
	gendisk->flags |= GENHD_FL_NO_PART;
	if (disk->config & CRYPTDISK_F_REMOVABLE)
		gendisk->flags |= GENHD_FL_REMOVABLE;
	gendisk->fops = &cdisk_disk_operations;
	gendisk->private_data = disk;
	snprintf(gendisk->disk_name, sizeof(gendisk->disk_name), "cryptdisk%u", disk->index);
	set_capacity(gendisk, length >> SECTOR_SHIFT);
	set_disk_ro(gendisk, disk->config & CRYPTDISK_F_RDONLY);
	disk->gendisk = gendisk;
	return 0;
}

/* Everything can be answered before the world can ask: threads, ID, size, then the disk. */
static int disk_build(struct cdisk_disk *disk, loff_t length)
{
	int err;

	disk->tags.ops = &cdisk_io_operations;
	disk->tags.nr_hw_queues = disk->n_queues;
	disk->tags.queue_depth = QUEUE_DEPTH;
	disk->tags.numa_node = NUMA_NO_NODE;
	disk->tags.cmd_size = cdisk_io_request_size();
	disk->tags.flags = CDISK_TAG_FLAGS;
	disk->tags.driver_data = disk;
	err = blk_mq_alloc_tag_set(&disk->tags);
	if (err)
		return err;
	err = cdisk_io_start(disk);
	if (err)
		goto out_threads;
	err = gendisk_make(disk, length);
	if (err)
		goto out_threads;
	err = device_add_disk(NULL, disk->gendisk, cdisk_sysfs_groups);
	if (!err)
		return 0;
	put_disk(disk->gendisk); /* never added: free_disk() is not called */
out_threads:
	cdisk_io_stop(disk);
	blk_mq_free_tag_set(&disk->tags);
	return err;
}

static void disk_announce(struct cdisk_disk *disk, u64 length)
{
	xa_lock_irq(&cdisk_disks);
	disk->state = CDISK_LIVE;
	__xa_set_mark(&cdisk_disks, disk->index, XA_MARK_1);
	emit(disk, CRYPTDISK_EV_ATTACHED, length, disk->config);
	if (disk->openers)
		emit(disk, CRYPTDISK_EV_BUSY, 0, 0);
	if (disk->claimed)
		emit(disk, CRYPTDISK_EV_CLAIMED, 0, 0);
	if (disk->io_errors)
		emit(disk, CRYPTDISK_EV_IO_ERROR, disk->first_error[0], disk->first_error[1]);
	xa_unlock_irq(&cdisk_disks);
}

static int file_attach(struct cryptdisk_attach *request, struct file *file)
{
	loff_t length = cdisk_disk_room(file, request->offset, request->block_size);
	struct cdisk_disk *disk;
	int err;

	if (!length || request->length > length)
		return -ENOSPC;
	request->length = request->length ?: length;
	disk = disk_new(request, file);
	if (!disk)
		return -ENOMEM;
	err = index_enter(disk);
	if (err)
		goto out_free;
	err = disk_build(disk, request->length);
	if (err)
		goto out_leave;
	__module_get(THIS_MODULE);
	request->index = disk->index;
	request->generation = disk->generation;
	request->flags = disk->config;
	request->queues = disk->n_queues;
	request->devt = huge_encode_dev(disk_devt(disk->gendisk));
	disk_announce(disk, request->length);
	return 0;
out_leave:
	index_leave(disk);
out_free:
	disk_free(disk);
	return err;
}

int cdisk_disk_attach(struct cryptdisk_attach *request)
{
	struct file *file;
	int err = request_check(request);

	if (err)
		return err;
	file = fget(request->fd);
	if (!file)
		return -EBADF;
	err = file_check(file, request->flags);
	if (!err)
		err = file_attach(request, file);
	if (err)
		fput(file);
	return err;
}

int cdisk_disk_init(void)
{
	end_queue = alloc_workqueue("cryptdisk", WQ_UNBOUND, 0);
	return end_queue ? 0 : -ENOMEM;
}

/* A disk's end gives the module back before its last lines. */
void cdisk_disk_exit(void)
{
	destroy_workqueue(end_queue);
	wait_var_event(&n_disks, !atomic_read(&n_disks));
	xa_destroy(&cdisk_disks);
}
