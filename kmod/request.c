// SPDX-License-Identifier: GPL-2.0-only
/* What the ioctls but ATTACH do with a disk. */
#include <linux/uaccess.h>

#include "disk.h"

static void emit(struct cdisk_disk *disk, u16 type, u64 arg)
{
	cdisk_event_emit(disk, type, CRYPTDISK_EV_BY_KERNEL, arg, 0);
}

static int disk_eject(struct cdisk_disk *disk)
{
	bool live;

	if (mutex_lock_killable(&disk->mutex))
		return -EINTR;
	xa_lock_irq(&cdisk_disks);
	live = disk->state == CDISK_LIVE;
	if (live)
		emit(disk, CRYPTDISK_EV_EJECT_REQUEST, 0);
	xa_unlock_irq(&cdisk_disks);
	if (live)
		cdisk_sysfs_change(disk, "eject_request");
	mutex_unlock(&disk->mutex);
	return -EINPROGRESS;
}

/* 1: its end has begun */
static int disk_detach(struct cdisk_disk *disk, u32 flags)
{
	if (disk->state != CDISK_LIVE)
		return -EALREADY;
	if (!disk->openers || (flags & CRYPTDISK_DETACH_FORCE)) {
		disk->forced = flags & CRYPTDISK_DETACH_FORCE;
		cdisk_disk_end(disk);
		return 1;
	}
	if (!(flags & CRYPTDISK_DETACH_LAZY))
		return -EBUSY;
	disk->ejecting = true;
	return -EINPROGRESS;
}

int cdisk_request_detach(const struct cryptdisk_target *request)
{
	struct cdisk_disk *disk;
	int r;

	if (request->pad || request->flags & ~(CRYPTDISK_DETACH_FORCE | CRYPTDISK_DETACH_LAZY))
		return -EINVAL;
	disk = cdisk_disk_get(request->index, request->generation);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	xa_lock_irq(&cdisk_disks);
	r = disk_detach(disk, request->flags);
	xa_unlock_irq(&cdisk_disks);
	if (r == -EINPROGRESS)
		r = disk_eject(disk);
	else if (r > 0)
		r = wait_for_completion_killable(&disk->gone) ? -EINTR : 0;
	cdisk_disk_put(disk);
	return r;
}

int cdisk_request_status(struct cryptdisk_status *status)
{
	struct cdisk_disk *disk;
	u32 size = status->size;

	if (status->pad)
		return -EINVAL;
	disk = cdisk_disk_get(status->index, status->generation);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	*status = (struct cryptdisk_status){
		.size = size,
		.flags = disk->config,
		.index = disk->index,
		.block_size = disk->block_size,
		.offset = disk->offset,
		.length = get_capacity(disk->gendisk) << SECTOR_SHIFT,
		.devt = huge_encode_dev(disk_devt(disk->gendisk)),
		.generation = disk->generation,
		.backing_dev = disk->backing_dev,
		.backing_ino = disk->backing_ino,
	};
	memcpy(status->volume_id, disk->volume_id, sizeof(status->volume_id));
	memcpy(status->label, disk->label, sizeof(status->label));
	xa_lock_irq(&cdisk_disks);
	if (disk->ejecting)
		status->flags |= CRYPTDISK_F_EJECTING;
	if (disk->mounted)
		status->flags |= CRYPTDISK_F_MOUNTED;
	status->openers = disk->openers;
	status->io_errors = disk->io_errors;
	xa_unlock_irq(&cdisk_disks);
	cdisk_disk_put(disk);
	return 0;
}

/* Under the disk's mutex. */
static int disk_resize(struct cdisk_disk *disk, u64 length)
{
	int r = -ENXIO;
	loff_t room = 0;

	/* The file is there as long as the disk is live, and that ends under the lock only. */
	xa_lock_irq(&cdisk_disks);
	if (disk->state == CDISK_LIVE) {
		room = cdisk_disk_room(disk->file, disk->offset, disk->block_size);
		r = room && length <= room && !(length & (disk->block_size - 1)) ? 0 : -EINVAL;
	}
	xa_unlock_irq(&cdisk_disks);
	if (r)
		return r;
	set_capacity_and_notify(disk->gendisk, (length ?: room) >> SECTOR_SHIFT);
	xa_lock_irq(&cdisk_disks);
	if (disk->state == CDISK_LIVE)
		emit(disk, CRYPTDISK_EV_RESIZED, length ?: room);
	xa_unlock_irq(&cdisk_disks);
	return 0;
}

int cdisk_request_resize(const struct cryptdisk_resize *request)
{
	struct cdisk_disk *disk = cdisk_disk_get(request->index, request->generation);
	int r = -EINTR;

	if (IS_ERR(disk))
		return PTR_ERR(disk);
	if (!mutex_lock_killable(&disk->mutex)) {
		r = disk_resize(disk, request->length);
		mutex_unlock(&disk->mutex);
	}
	cdisk_disk_put(disk);
	return r;
}

/* Under the disk's mutex. */
static int disk_note(struct cdisk_disk *disk, const struct cryptdisk_note *note)
{
	bool mounted = note->what == CRYPTDISK_EV_MOUNTED;
	int r = 0;

	xa_lock_irq(&cdisk_disks);
	if (disk->state != CDISK_LIVE || (mounted && !disk->openers)) {
		r = -ENXIO;
	} else if (disk->mounted == mounted) {
		r = -EALREADY;
	} else {
		disk->mounted = mounted;
		disk->armed |= mounted;
		cdisk_event_emit(disk, note->what, 0, note->mnt_id, note->mnt_ns);
	}
	xa_unlock_irq(&cdisk_disks);
	if (!r)
		cdisk_sysfs_change(disk, mounted ? "mounted" : "unmounted");
	return r;
}

int cdisk_request_note(const struct cryptdisk_note *note)
{
	struct cdisk_disk *disk;
	int r = -EINTR;

	if (note->pad || (note->what != CRYPTDISK_EV_MOUNTED && note->what != CRYPTDISK_EV_UNMOUNTED))
		return -EINVAL;
	disk = cdisk_disk_get(note->index, note->generation);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	if (!mutex_lock_killable(&disk->mutex)) {
		r = disk_note(disk, note);
		mutex_unlock(&disk->mutex);
	}
	cdisk_disk_put(disk);
	return r;
}

/* No lock over put_user(): the caller's memory may be a file on one of the disks. */
int cdisk_request_list(struct cryptdisk_list *list)
{
	u32 __user *indices = u64_to_user_ptr(list->indices);
	struct cdisk_disk *disk;
	unsigned long index;
	u32 n = 0;

	xa_for_each_marked(&cdisk_disks, index, disk, XA_MARK_1) {
		if (n < list->count && put_user((u32)index, indices + n))
			return -EFAULT;
		n++;
	}
	list->count = n;
	return 0;
}
