// SPDX-License-Identifier: GPL-2.0-only
/* A disk's life: attached, opened and closed, ended. */
#include <linux/file.h>
#include <linux/pagemap.h>
#include <linux/wait_bit.h>

#include "disk.h"

#define GIVEN_FLAGS                                                                                \
	(CRYPTDISK_F_RDONLY | CRYPTDISK_F_AUTOCLEAR | CRYPTDISK_F_NODISCARD | CRYPTDISK_F_DUP_ID | \
		CRYPTDISK_F_REMOVABLE)

/* Its lock is that of all disks' changing fields. XA_MARK_1: has been announced. */
DEFINE_XARRAY_FLAGS(cdisk_disks, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_IRQ);
/* From an index to ATTACHED: generations are announced in their order. No backing is waited for. */
static DEFINE_MUTEX(attach_mutex);
static u64 generations; /* announced */
static struct workqueue_struct *end_queue;
static atomic_t n_disks; /* allocated, gone from the index or not */

/* udev's probe comes between the disk and its announcement: allowed, told later. */
static int disk_open(CDISK_OPEN_ARGS)
{
	struct cdisk_disk *disk = CDISK_OPEN_GENDISK->private_data;
	bool exclusive = mode & CDISK_OPEN_EXCL;
	int err = -ENXIO;

	xa_lock_irq(&cdisk_disks);
	if (disk->state != CDISK_DYING) {
		if (!disk->openers++ && disk->state == CDISK_LIVE)
			cdisk_event_happened(disk, CRYPTDISK_EV_BUSY);
		if (exclusive && !disk->claimed && disk->state == CDISK_LIVE)
			cdisk_event_happened(disk, CRYPTDISK_EV_CLAIMED);
		disk->claimed |= exclusive;
		disk->armed |= exclusive;
		err = 0;
	}
	xa_unlock_irq(&cdisk_disks);
	return err;
}

/* The mounter died or forgot. */
static bool disk_unmounted(struct cdisk_disk *disk)
{
	if (!disk->mounted)
		return false;
	disk->mounted = false;
	cdisk_event_happened(disk, CRYPTDISK_EV_UNMOUNTED);
	return true;
}

static void disk_release(CDISK_RELEASE_ARGS)
{
	struct cdisk_disk *disk = gendisk->private_data;
	bool unmounted = false;

	xa_lock_irq(&cdisk_disks);
	if (!--disk->openers)
		disk->claimed = false;
	if (!disk->openers && disk->state == CDISK_LIVE) {
		unmounted = disk_unmounted(disk);
		cdisk_event_happened(disk, CRYPTDISK_EV_IDLE);
		if (disk->ejecting || (disk->armed && disk->as.flags & CRYPTDISK_F_AUTOCLEAR))
			cdisk_disk_end(disk);
	}
	xa_unlock_irq(&cdisk_disks);
	/* The block layer holds its open_mutex: the disk is not deleted before this is out. */
	if (unmounted)
		cdisk_sysfs_change(disk, "unmounted");
}

/* Who attached a descriptor that may not write has a disk that cannot be written. */
static int disk_set_read_only(struct block_device *bdev, bool ro)
{
	struct cdisk_disk *disk = bdev->bd_disk->private_data;

	return !ro && (disk->as.flags & CRYPTDISK_F_RDONLY) ? -EROFS : 0;
}

static void disk_free(struct cdisk_disk *disk)
{
	kfree(disk);
	if (atomic_dec_and_test(&n_disks))
		wake_up_var(&n_disks);
}

static void disk_free_gendisk(struct gendisk *gendisk)
{
	disk_free(gendisk->private_data);
}

static const struct block_device_operations disk_operations = {
	.owner = THIS_MODULE,
	.open = disk_open,
	.release = disk_release,
	.set_read_only = disk_set_read_only,
	.free_disk = disk_free_gendisk,
};

/* Under the lock. A mapping's mask is restored with the last disk over it. */
static struct file *disk_take_file(struct cdisk_disk *disk)
{
	struct file *file = disk->file;
	struct cdisk_disk *other;
	unsigned long index;

	disk->file = NULL;
	xa_for_each(&cdisk_disks, index, other)
		if (other->file && other->file->f_mapping == file->f_mapping)
			return file;
	mapping_set_gfp_mask(file->f_mapping, disk->gfp);
	return file;
}

/* The file is closed before DETACHED is told, and the index given back with it. */
static void disk_end_work(struct work_struct *work)
{
	struct cdisk_disk *disk = container_of(work, struct cdisk_disk, end);
	struct gendisk *gendisk = disk->gendisk;
	struct file *file;

	mutex_lock(&disk->mutex); /* who saw it live has told udev */
	mutex_unlock(&disk->mutex);
	if (disk->forced)
		blk_mark_disk_dead(gendisk);
	del_gendisk(gendisk);
	cdisk_io_stop(disk);
	blk_mq_free_tag_set(&disk->tags);
	xa_lock_irq(&cdisk_disks);
	file = disk_take_file(disk);
	xa_unlock_irq(&cdisk_disks);
	__fput_sync(file);
	xa_lock_irq(&cdisk_disks);
	disk_unmounted(disk);
	cdisk_event_happened(disk, CRYPTDISK_EV_DETACHED);
	__xa_erase(&cdisk_disks, disk->as.index);
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
	else if (generation && generation != disk->as.generation)
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

static bool label_is_good(const char *label)
{
	size_t n = strnlen(label, CRYPTDISK_LABEL_LEN), i;

	for (i = 0; i < n; i++)
		if (label[i] < '!' || label[i] > '~' || label[i] == '/' || label[i] == '\\')
			return false;
	return n < CRYPTDISK_LABEL_LEN && !memchr_inv(label + n, 0, CRYPTDISK_LABEL_LEN - n);
}

static bool request_is_good(const struct cryptdisk_attach *as)
{
	return !(as->flags & ~GIVEN_FLAGS) && as->queues <= CRYPTDISK_MAX_QUEUES &&
	       is_power_of_2(as->block_size) && as->block_size >= SECTOR_SIZE &&
	       as->block_size <= PAGE_SIZE && as->offset <= LLONG_MAX && as->length <= LLONG_MAX &&
	       !((as->offset | as->length) & (as->block_size - 1)) && label_is_good(as->label) &&
	       memchr_inv(as->volume_id, 0, sizeof(as->volume_id));
}

static int file_check(struct file *file, u32 flags)
{
	struct inode *inode = file->f_mapping->host;
	bool write = !(flags & CRYPTDISK_F_RDONLY);

	if (!S_ISREG(inode->i_mode) && !S_ISBLK(inode->i_mode))
		return -EINVAL;
	if (S_ISBLK(inode->i_mode) && I_BDEV(inode)->bd_disk->fops == &disk_operations)
		return -ELOOP;
	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (write && !(file->f_mode & FMODE_WRITE))
		return -EROFS; /* never silently read-only */
	return file->f_op->read_iter && (!write || file->f_op->write_iter) ? 0 : -EINVAL;
}

static bool file_can_discard(struct file *file, u32 block_size)
{
	struct inode *inode = file->f_mapping->host;

	if (S_ISBLK(inode->i_mode)) /* it takes whole blocks of its own only */
		return block_size >= bdev_logical_block_size(I_BDEV(inode)) &&
		       bdev_write_zeroes_sectors(I_BDEV(inode));
	return file->f_op->fallocate;
}

/* Bytes of whole blocks behind the offset. */
loff_t cdisk_disk_room(struct file *file, const struct cryptdisk_attach *as)
{
	loff_t offset = as->offset, size = i_size_read(file->f_mapping->host);

	return size > offset ? round_down(size - offset, (loff_t)as->block_size) : 0;
}

/* Direct writes go on side by side, buffered ones would only meet at the inode's lock. */
static u32 default_queues(u32 flags)
{
	return flags & CRYPTDISK_F_DIRECT ? min_t(u32, num_online_cpus(), 4) : 1;
}

static struct cdisk_disk *disk_new(struct cryptdisk_attach *as, struct file *file)
{
	struct inode *inode = file_inode(file);
	struct cdisk_disk *disk;

	if (file->f_flags & O_DIRECT)
		as->flags |= CRYPTDISK_F_DIRECT;
	as->queues = min_t(u32, as->queues ?: default_queues(as->flags), nr_cpu_ids);
	disk = kzalloc(struct_size(disk, queues, as->queues), GFP_KERNEL);
	if (!disk)
		return NULL;
	atomic_inc(&n_disks);
	disk->as = *as;
	disk->file = file;
	disk->backing_dev =
		huge_encode_dev(S_ISBLK(inode->i_mode) ? inode->i_rdev : inode->i_sb->s_dev);
	disk->backing_ino = inode->i_ino;
	mutex_init(&disk->mutex);
	init_completion(&disk->gone);
	INIT_WORK(&disk->end, disk_end_work);
	return disk;
}

/*
 * Under the lock: may it be there beside the others? Memory for the file's pages is then taken
 * without I/O, which could be this disk's.
 */
static int index_check(struct cdisk_disk *disk)
{
	struct address_space *mapping = disk->file->f_mapping;
	struct cdisk_disk *other;
	bool same_id = false;
	unsigned long index;

	disk->gfp = mapping_gfp_mask(mapping);
	xa_for_each(&cdisk_disks, index, other) {
		same_id |= !memcmp(other->as.volume_id, disk->as.volume_id, CRYPTDISK_ID_LEN);
		if (!other->file || other->file->f_mapping->host != mapping->host)
			continue;
		if (!(disk->as.flags & other->as.flags & CRYPTDISK_F_RDONLY))
			return -EBUSY;
		disk->gfp = other->gfp;
	}
	if (same_id && !(disk->as.flags & CRYPTDISK_F_DUP_ID))
		return -EEXIST;
	if (!same_id)
		disk->as.flags &= ~CRYPTDISK_F_DUP_ID;
	mapping_set_gfp_mask(mapping, disk->gfp & ~(__GFP_IO | __GFP_FS));
	return 0;
}

static int index_enter(struct cdisk_disk *disk)
{
	/* Room first: nothing is allocated under the lock. */
	int err = xa_alloc_irq(&cdisk_disks, &disk->as.index, NULL, xa_limit_31b, GFP_KERNEL);

	if (err)
		return err;
	xa_lock_irq(&cdisk_disks);
	err = index_check(disk);
	if (!err) {
		disk->as.generation = generations + 1;
		__xa_store(&cdisk_disks, disk->as.index, disk, GFP_NOWAIT);
	} else {
		__xa_erase(&cdisk_disks, disk->as.index);
	}
	xa_unlock_irq(&cdisk_disks);
	return err;
}

static int gendisk_make(struct cdisk_disk *disk)
{
	const u32 flags = disk->as.flags;
	bool discard = !(flags & (CRYPTDISK_F_RDONLY | CRYPTDISK_F_NODISCARD)) &&
		       file_can_discard(disk->file, disk->as.block_size);
	struct gendisk *gendisk = cdisk_gendisk_alloc(&disk->tags, &disk->as, discard, disk);

	if (IS_ERR(gendisk))
		return PTR_ERR(gendisk);
	gendisk->flags |= GENHD_FL_NO_PART;
	if (flags & CRYPTDISK_F_REMOVABLE)
		gendisk->flags |= GENHD_FL_REMOVABLE;
	gendisk->fops = &disk_operations;
	gendisk->private_data = disk;
	snprintf(gendisk->disk_name, sizeof(gendisk->disk_name), "cryptdisk%u", disk->as.index);
	set_capacity(gendisk, disk->as.length >> SECTOR_SHIFT);
	set_disk_ro(gendisk, flags & CRYPTDISK_F_RDONLY);
	disk->gendisk = gendisk;
	return 0;
}

/* Everything can be answered before the world can ask: threads, ID, size, then the disk. */
static int disk_build(struct cdisk_disk *disk)
{
	int err;

	disk->tags.ops = &cdisk_io_operations;
	disk->tags.nr_hw_queues = disk->as.queues;
	disk->tags.queue_depth = 128;
	disk->tags.numa_node = NUMA_NO_NODE;
	disk->tags.cmd_size = cdisk_io_request_size();
	disk->tags.flags = CDISK_TAG_FLAGS;
	disk->tags.driver_data = disk;
	err = blk_mq_alloc_tag_set(&disk->tags);
	if (err)
		return err;
	err = cdisk_io_start(disk);
	if (!err)
		err = gendisk_make(disk);
	if (!err) {
		err = device_add_disk(NULL, disk->gendisk, cdisk_sysfs_groups);
		if (!err)
			return 0;
		put_disk(disk->gendisk); /* never added: free_disk() is not called */
	}
	cdisk_io_stop(disk);
	blk_mq_free_tag_set(&disk->tags);
	return err;
}

static void disk_announce(struct cdisk_disk *disk)
{
	xa_lock_irq(&cdisk_disks);
	disk->state = CDISK_LIVE;
	generations++;
	__xa_set_mark(&cdisk_disks, disk->as.index, XA_MARK_1);
	cdisk_event_emit(disk, CRYPTDISK_EV_ATTACHED, CRYPTDISK_EV_BY_KERNEL, disk->as.length,
		disk->as.flags);
	if (disk->openers)
		cdisk_event_happened(disk, CRYPTDISK_EV_BUSY);
	if (disk->claimed)
		cdisk_event_happened(disk, CRYPTDISK_EV_CLAIMED);
	if (disk->io_errors)
		cdisk_event_emit(disk, CRYPTDISK_EV_IO_ERROR, CRYPTDISK_EV_BY_KERNEL,
			disk->first_error[0], disk->first_error[1]);
	disk->armed = disk->claimed; /* who came and went before it was told of does not count */
	xa_unlock_irq(&cdisk_disks);
}

/* The file is the disk's on success. */
static int file_attach(struct cryptdisk_attach *as, struct file *file)
{
	loff_t room = cdisk_disk_room(file, as);
	struct cdisk_disk *disk;
	int err;

	if (!room || as->length > room)
		return -ENOSPC;
	as->length = as->length ?: room;
	disk = disk_new(as, file);
	if (!disk)
		return -ENOMEM;
	err = mutex_lock_killable(&attach_mutex);
	if (err)
		goto out_free;
	err = index_enter(disk);
	if (err)
		goto out_unlock;
	err = disk_build(disk);
	if (err)
		goto out_leave;
	__module_get(THIS_MODULE);
	disk->as.devt = huge_encode_dev(disk_devt(disk->gendisk));
	*as = disk->as; /* once it is announced, others may end it */
	disk_announce(disk);
	mutex_unlock(&attach_mutex);
	return 0;
out_leave:
	xa_lock_irq(&cdisk_disks);
	disk_take_file(disk);
	__xa_erase(&cdisk_disks, disk->as.index);
	xa_unlock_irq(&cdisk_disks);
out_unlock:
	mutex_unlock(&attach_mutex);
out_free:
	disk_free(disk);
	return err;
}

int cdisk_disk_attach(void *arguments)
{
	struct cryptdisk_attach *as = arguments;
	struct file *file;
	int err;

	as->block_size = as->block_size ?: SECTOR_SIZE;
	if (!request_is_good(as))
		return -EINVAL;
	file = fget(as->fd);
	if (!file)
		return -EBADF;
	err = file_check(file, as->flags);
	if (!err)
		err = file_attach(as, file);
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
