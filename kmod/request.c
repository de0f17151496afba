// SPDX-License-Identifier: GPL-2.0-only
/* What the ioctls but ATTACH do with a disk. */
#include "disk.h"

typedef int (*change_fn)(struct cdisk_disk *disk, const void *request);

/* Under the disk's mutex, so that udev hears of it before the disk is deleted. */
static int disk_change(struct cdisk_disk *disk, change_fn change, const void *request)
{
	int r;

	if (mutex_lock_killable(&disk->mutex))
		return -EINTR;
	r = change(disk, request);
	mutex_unlock(&disk->mutex);
	return r;
}

static int index_change(u32 index, u64 generation, change_fn change, const void *request)
{
	struct cdisk_disk *disk = cdisk_disk_get(index, generation);
	int r;

	if (IS_ERR(disk))
		return PTR_ERR(disk);
	r = disk_change(disk, change, request);
	cdisk_disk_put(disk);
	return r;
}

static int disk_tell_eject(struct cdisk_disk *disk, const void *request)
{
	if (READ_ONCE(disk->state) == CDISK_LIVE)
		cdisk_sysfs_change(disk, "eject_request");
	return -EINPROGRESS;
}

/* Under the lock. 0: its end has begun. */
static int disk_detach(struct cdisk_disk *disk, u32 flags)
{
	if (disk->state != CDISK_LIVE)
		return -EALREADY;
	if (!disk->openers || (flags & CRYPTDISK_DETACH_FORCE)) {
		disk->forced = flags & CRYPTDISK_DETACH_FORCE;
		cdisk_disk_end(disk);
		return 0;
	}
	if (!(flags & CRYPTDISK_DETACH_LAZY))
		return -EBUSY;
	disk->ejecting = true;
	cdisk_event_happened(disk, CRYPTDISK_EV_EJECT_REQUEST);
	return -EINPROGRESS;
}

int cdisk_request_detach(void *arguments)
{
	const struct cryptdisk_target *request = arguments;
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
	if (!r && wait_for_completion_killable(&disk->gone))
		r = -EINTR;
	if (r == -EINPROGRESS)
		r = disk_change(disk, disk_tell_eject, NULL);
	cdisk_disk_put(disk);
	return r;
}

int cdisk_request_status(void *arguments)
{
	struct cryptdisk_status *status = arguments;
	struct cdisk_disk *disk;

	if (status->pad)
		return -EINVAL;
	disk = cdisk_disk_get(status->index, status->generation);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	status->flags = disk->as.flags;
	status->block_size = disk->as.block_size;
	status->offset = disk->as.offset;
	status->length = get_capacity(disk->gendisk) << SECTOR_SHIFT;
	memcpy(status->volume_id, disk->as.volume_id, sizeof(status->volume_id));
	memcpy(status->label, disk->as.label, sizeof(status->label));
	status->devt = disk->as.devt;
	status->generation = disk->as.generation;
	status->backing_dev = disk->backing_dev;
	status->backing_ino = disk->backing_ino;
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

/* The file is there as long as the disk is live, and that ends under the lock only. */
static int disk_resize(struct cdisk_disk *disk, const void *arguments)
{
	const struct cryptdisk_resize *request = arguments;
	u64 room = 0, length;
	int r = -ENXIO;

	xa_lock_irq(&cdisk_disks);
	if (disk->state == CDISK_LIVE) {
		room = cdisk_disk_room(disk->file, &disk->as);
		r = 0;
	}
	length = request->length ?: room;
	if (!r && (!length || length > room || length & (disk->as.block_size - 1)))
		r = -EINVAL;
	xa_unlock_irq(&cdisk_disks);
	if (r)
		return r;
	set_capacity_and_notify(disk->gendisk, length >> SECTOR_SHIFT);
	xa_lock_irq(&cdisk_disks);
	if (disk->state == CDISK_LIVE)
		cdisk_event_emit(disk, CRYPTDISK_EV_RESIZED, CRYPTDISK_EV_BY_KERNEL, length, 0);
	xa_unlock_irq(&cdisk_disks);
	return 0;
}

int cdisk_request_resize(void *arguments)
{
	const struct cryptdisk_resize *request = arguments;

	return index_change(request->index, request->generation, disk_resize, request);
}

static int disk_note(struct cdisk_disk *disk, const void *arguments)
{
	const struct cryptdisk_note *note = arguments;
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

int cdisk_request_note(void *arguments)
{
	const struct cryptdisk_note *note = arguments;

	if (note->pad ||
		(note->what != CRYPTDISK_EV_MOUNTED && note->what != CRYPTDISK_EV_UNMOUNTED))
		return -EINVAL;
	return index_change(note->index, note->generation, disk_note, note);
}

/* No lock over put_user(): the caller's memory may be a file on one of the disks. */
int cdisk_request_list(void *arguments)
{
	struct cryptdisk_list *list = arguments;
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
