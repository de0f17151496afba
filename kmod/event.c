// SPDX-License-Identifier: GPL-2.0-only
/* The ring of events, and a cursor for each that reads it. */
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "disk.h"

#define RING_SIZE 256
struct reader {
	u64 next; /* seq, under the ring's lock like the others */
	u64 lost;
	u64 mask;
};

static bool verify;
module_param(verify, bool, 0444);
MODULE_PARM_DESC(verify, "warn in the kernel log when an event breaks the order of events");

static struct cryptdisk_event ring[RING_SIZE];
static u64 ring_seq; /* of the last event */
static DEFINE_SPINLOCK(ring_lock);
static DECLARE_WAIT_QUEUE_HEAD(ring_wait);

/* Under the ring's lock. */
static void event_verify(struct cdisk_disk *disk, u16 type, u64 time)
{
	static u64 last_time;
	bool mounted = disk->told == CRYPTDISK_EV_MOUNTED;

	WARN_ON(type == CRYPTDISK_EV_ATTACHED ? disk->told : !disk->told);
	WARN_ON(disk->told == CRYPTDISK_EV_DETACHED || time < last_time);
	WARN_ON(mounted ? type == CRYPTDISK_EV_MOUNTED || type == CRYPTDISK_EV_DETACHED
			: type == CRYPTDISK_EV_UNMOUNTED);
	last_time = time;
	if (type <= CRYPTDISK_EV_DETACHED || type == CRYPTDISK_EV_MOUNTED ||
		type == CRYPTDISK_EV_UNMOUNTED)
		disk->told = type;
}

/* Under the lock of cdisk_disks: what is told about a disk is told in the order it happened. */
void cdisk_event_emit(struct cdisk_disk *disk, u16 type, u16 flags, u64 arg0, u64 arg1)
{
	struct cryptdisk_event event = {
		.size = sizeof(event),
		.type = type,
		.flags = flags,
		.devt = disk->as.devt,
		.generation = disk->as.generation,
		.index = disk->as.index,
		.arg = {arg0, arg1},
	};
	unsigned long irq;

	lockdep_assert_held(&cdisk_disks.xa_lock);
	memcpy(event.volume_id, disk->as.volume_id, sizeof(event.volume_id));
	spin_lock_irqsave(&ring_lock, irq);
	event.seq = ++ring_seq;
	event.time_ns = ktime_get_boottime_ns();
	if (verify)
		event_verify(disk, type, event.time_ns);
	ring[event.seq % RING_SIZE] = event;
	spin_unlock_irqrestore(&ring_lock, irq);
	wake_up_interruptible(&ring_wait);
}

/* A reader begins now. */
int cdisk_event_open(struct inode *inode, struct file *file)
{
	struct reader *reader = kzalloc(sizeof(*reader), GFP_KERNEL);

	if (!reader)
		return -ENOMEM;
	reader->mask = CRYPTDISK_EVMASK_DEFAULT;
	spin_lock_irq(&ring_lock);
	reader->next = ring_seq + 1;
	spin_unlock_irq(&ring_lock);
	file->private_data = reader;
	return nonseekable_open(inode, file);
}

int cdisk_event_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

int cdisk_event_select(struct file *file, const void __user *user)
{
	struct reader *reader = file->private_data;
	u64 mask;

	if (copy_from_user(&mask, user, sizeof(mask)))
		return -EFAULT;
	spin_lock_irq(&ring_lock);
	reader->mask = mask;
	spin_unlock_irq(&ring_lock);
	wake_up_interruptible(&ring_wait); /* who waits may want what is there now */
	return 0;
}

/* The next event that the reader wants, not before seq; 0: none. Under the ring's lock. */
static u64 ring_find(const struct reader *reader, u64 seq)
{
	for (; seq <= ring_seq; seq++)
		if (reader->mask & BIT_ULL(ring[seq % RING_SIZE].type))
			return seq;
	return 0;
}

static u64 ring_oldest(void)
{
	return ring_seq < RING_SIZE ? 1 : ring_seq - RING_SIZE + 1;
}

/* Masked events are no reason to wake up: poll() must not promise what read() refuses. */
static bool ring_has(const struct reader *reader)
{
	bool has;

	spin_lock_irq(&ring_lock);
	has = ring_find(reader, max(reader->next, ring_oldest()));
	spin_unlock_irq(&ring_lock);
	return has;
}

static bool ring_take(struct reader *reader, struct cryptdisk_event *event)
{
	u64 oldest, seq;

	spin_lock_irq(&ring_lock);
	oldest = ring_oldest();
	if (reader->next < oldest) {
		reader->lost += oldest - reader->next;
		reader->next = oldest;
	}
	seq = ring_find(reader, reader->next);
	if (seq) {
		*event = ring[seq % RING_SIZE];
		event->lost = reader->lost;
		reader->lost = 0;
	}
	reader->next = (seq ?: ring_seq) + 1;
	spin_unlock_irq(&ring_lock);
	return seq;
}

/* Nobody got it: the reader learns that with the next one. */
static void ring_drop(struct reader *reader, const struct cryptdisk_event *event)
{
	spin_lock_irq(&ring_lock);
	reader->lost += event->lost + 1;
	spin_unlock_irq(&ring_lock);
}

ssize_t cdisk_event_read(struct file *file, char __user *buffer, size_t len, loff_t *pos)
{
	struct reader *reader = file->private_data;
	struct cryptdisk_event event;
	size_t done = 0;
	int err;

	if (len < sizeof(event))
		return -EINVAL;
	while (len - done >= sizeof(event)) {
		if (!ring_take(reader, &event)) {
			if (done)
				break;
			if (file->f_flags & O_NONBLOCK)
				return -EAGAIN;
			err = wait_event_interruptible(ring_wait, ring_has(reader));
			if (err)
				return err;
			continue;
		}
		if (copy_to_user(buffer + done, &event, sizeof(event))) {
			ring_drop(reader, &event);
			return done ? done : -EFAULT;
		}
		done += sizeof(event);
	}
	return done;
}

__poll_t cdisk_event_poll(struct file *file, struct poll_table_struct *table)
{
	poll_wait(file, &ring_wait, table);
	return ring_has(file->private_data) ? EPOLLIN | EPOLLRDNORM : 0;
}
