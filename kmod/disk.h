/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's one object, a disk, and what its files want of each other.
 *
 * Nothing waits for a backing but a disk's own threads and the work that ends it: a disk whose
 * backing hangs holds up nobody who has to do with another. Order of locks: a disk's mutex, the
 * lock of cdisk_disks, the ring's.
 */
#ifndef CDISK_DISK_H
#define CDISK_DISK_H

#include <linux/completion.h>
#include <linux/llist.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "compat.h"

enum cdisk_state {
	CDISK_ADDING, /* may be opened, has told nothing yet, is not listed */
	CDISK_LIVE,
	CDISK_DYING, /* cannot be opened, tells nothing more but its end */
};

struct cdisk_queue {
	struct cdisk_disk *disk;
	struct llist_head requests;
	struct task_struct *thread;
};

struct cdisk_disk {
	/* set before the disk can be seen */
	struct cryptdisk_attach as; /* as it was answered */
	u64 backing_dev, backing_ino;
	struct gendisk *gendisk;
	struct blk_mq_tag_set tags;
	struct file *file; /* NULL, under the lock, when its I/O has ended */

	/* under the lock of cdisk_disks */
	enum cdisk_state state;
	u32 openers;
	bool claimed; /* opened exclusively since it was idle */
	bool armed;   /* the last close ends an AUTOCLEAR disk */
	bool ejecting, mounted, forced;
	u16 told; /* for verify: the last of ATTACHED, MOUNTED, UNMOUNTED, DETACHED */
	gfp_t gfp;
	u64 io_errors;
	u64 first_error[2]; /* operation, sector */

	struct mutex mutex; /* who tells udev something about a live disk */
	struct completion gone;
	struct work_struct end;
	struct cdisk_queue queues[];
};

/* disk.c */
extern struct xarray cdisk_disks;
int cdisk_disk_init(void);
void cdisk_disk_exit(void);
int cdisk_disk_attach(void *arguments);
loff_t cdisk_disk_room(struct file *file, const struct cryptdisk_attach *as);
struct cdisk_disk *cdisk_disk_get(u32 index, u64 generation);
void cdisk_disk_put(struct cdisk_disk *disk);
void cdisk_disk_end(struct cdisk_disk *disk);

/* request.c: ioctls on a disk */
int cdisk_request_detach(void *arguments);
int cdisk_request_status(void *arguments);
int cdisk_request_resize(void *arguments);
int cdisk_request_note(void *arguments);
int cdisk_request_list(void *arguments);

/* io.c */
extern const struct blk_mq_ops cdisk_io_operations;
size_t cdisk_io_request_size(void);
int cdisk_io_start(struct cdisk_disk *disk);
void cdisk_io_stop(struct cdisk_disk *disk);

/* event.c: the control node's reading side; BY_KERNEL or 0, and two arguments of the type */
void cdisk_event_emit(struct cdisk_disk *disk, u16 type, u16 flags, u64 arg0, u64 arg1);
int cdisk_event_open(struct inode *inode, struct file *file);
int cdisk_event_release(struct inode *inode, struct file *file);
int cdisk_event_select(struct file *file, const void __user *user);
ssize_t cdisk_event_read(struct file *file, char __user *buffer, size_t len, loff_t *pos);
__poll_t cdisk_event_poll(struct file *file, struct poll_table_struct *table);

static inline void cdisk_event_happened(struct cdisk_disk *disk, u16 type)
{
	cdisk_event_emit(disk, type, CRYPTDISK_EV_BY_KERNEL, 0, 0);
}

/* sysfs.c */
extern const struct attribute_group *cdisk_sysfs_groups[];
void cdisk_sysfs_change(struct cdisk_disk *disk, const char *event);

#endif
