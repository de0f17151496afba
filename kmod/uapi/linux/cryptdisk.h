/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The ABI of cryptdisk.ko, version 1. This comment is its specification.
 *
 * One node, /dev/cryptdisk-control. ABI, STATUS, LIST, EVMASK, read() and poll() need an open
 * descriptor; ATTACH, DETACH, RESIZE and NOTE one that may write, and CAP_SYS_ADMIN in the initial
 * user namespace: else EPERM. A request that is not listed is ENOTTY.
 *
 * Every struct begins with its size as the caller knows it. Smaller than the first version of the
 * struct, or larger than a page: EINVAL. Larger than the kernel's: the tail must be zero, else
 * E2BIG. A reply has as many bytes as both know. Only an ioctl's type and number are looked at,
 * its other bits change when a struct grows. Unknown flags and pads that are not zero are EINVAL.
 *
 * A disk is named by its index (the N of /dev/cryptdiskN) and its generation, which grows with
 * every attachment since the module was loaded and begins at 1. Generation 0 takes any, another
 * one than the disk's is ESTALE, no such disk ENODEV.
 *
 * ATTACH makes a disk of the open file fd, with that descriptor's rights; the disk keeps the open
 * file description (and with it its locks), the caller keeps the descriptor. The first of these
 * wins, and after an error there is no trace (but of EFAULT on the answer: the disk came and was
 * forced away again): EINVAL (flags, block_size, offset, length, queues,
 * label, an all-zero volume_id), EBADF (not open, O_PATH), EINVAL (neither regular file nor block
 * device), ELOOP (one of these disks), EBADF (not readable), EROFS (not writable, and RDONLY was
 * not asked for), ENOSPC (nothing behind offset, or less than length), EBUSY (the file is attached
 * already, and one of both may write), EEXIST (a disk has this volume_id, and DUP_ID was not
 * asked for). Direct I/O where the descriptor is O_DIRECT, and only then.
 * The label is NUL-terminated, zero-padded and has characters '!' to '~' without '/' and '\'.
 *
 * DETACH of a disk that nobody has open removes it. Of one that is open: EBUSY; with LAZY
 * EINPROGRESS and it goes at the last close (a later FORCE takes it at once); with FORCE it dies
 * now, its users get EIO. Of one that is on its way out: EALREADY. An AUTOCLEAR disk goes at the
 * last close after the first exclusive open (by a file system or dm) or NOTE MOUNTED. A detach that
 * was killed while it waited for a disk's I/O (EINTR) goes on without its caller.
 *
 * RESIZE sets another length, 0 to the end of the file. EINVAL: not there in the file, no multiple
 * of block_size, or nothing; ENXIO: on its way out.
 *
 * NOTE tells that the disk, or what is made of it, was MOUNTED (ENXIO when nobody has it open) or
 * UNMOUNTED (either: ENXIO when it is on its way out); EALREADY when that was told before. The last close makes an UNMOUNTED where none was
 * told.
 *
 * LIST writes the indices of count disks at most, in their order, and how many there are to count.
 * EVMASK sets which event types (bit 1 << type) this descriptor reads.
 *
 * read() gives whole events, as many as fit; EINVAL when not one fits, EAGAIN when there is none
 * and the descriptor is O_NONBLOCK. A descriptor sees what happens after it was opened: open, then
 * LIST and STATUS, then read. Of 256 events the oldest go first; the next one that is read tells
 * in lost how many this descriptor missed, masked ones included.
 *  1. seq begins at 1 and grows by 1; there is a gap where events were lost or are masked.
 *  2. In one generation ATTACHED is the first event and DETACHED the last.
 *  3. MOUNTED and UNMOUNTED alternate, MOUNTED first, and a generation ends unmounted.
 *  4. Generations grow; an index has one live generation at most.
 *  5. time_ns never decreases. 6. No event has a path, a key or data.
 */
#ifndef _UAPI_LINUX_CRYPTDISK_H
#define _UAPI_LINUX_CRYPTDISK_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define CRYPTDISK_ABI 1
#define CRYPTDISK_CONTROL "/dev/cryptdisk-control"
#define CRYPTDISK_ID_LEN 16
#define CRYPTDISK_LABEL_LEN 64
#define CRYPTDISK_MAX_QUEUES 16

/* ATTACH takes the first five; its reply and STATUS have them as used, and the others. */
#define CRYPTDISK_F_RDONLY (1u << 0)
#define CRYPTDISK_F_AUTOCLEAR (1u << 1)
#define CRYPTDISK_F_NODISCARD (1u << 2)
#define CRYPTDISK_F_DUP_ID (1u << 3)	/* another disk may have the same volume_id */
#define CRYPTDISK_F_REMOVABLE (1u << 4) /* "removable" in sysfs */
#define CRYPTDISK_F_DIRECT (1u << 5)	/* the descriptor was O_DIRECT */
#define CRYPTDISK_F_EJECTING (1u << 6)	/* goes at the last close */
#define CRYPTDISK_F_MOUNTED (1u << 7)	/* NOTE MOUNTED */

struct cryptdisk_attach { /* 136 bytes */
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 block_size; /* 512 to a page; 0: 512; out: as used */
	__u64 offset;
	__u64 length; /* 0: to the end of the file; out: as used */
	__u8 volume_id[CRYPTDISK_ID_LEN];
	char label[CRYPTDISK_LABEL_LEN];
	__u32 index;	  /* out */
	__u32 queues;	  /* 0: the default; out: as used */
	__u64 devt;	  /* out: as makedev(3) has it */
	__u64 generation; /* out */
};

#define CRYPTDISK_DETACH_FORCE (1u << 0)
#define CRYPTDISK_DETACH_LAZY (1u << 1)

struct cryptdisk_target { /* 24 bytes */
	__u32 size;
	__u32 index;
	__u64 generation;
	__u32 flags;
	__u32 pad;
};

struct cryptdisk_status { /* 160 bytes; in: size, index, generation */
	__u32 size;
	__u32 flags;
	__u32 index;
	__u32 block_size;
	__u64 offset;
	__u64 length; /* of the disk, now */
	__u8 volume_id[CRYPTDISK_ID_LEN];
	char label[CRYPTDISK_LABEL_LEN];
	__u64 devt;
	__u64 generation;
	__u64 backing_dev; /* of the file's file system, or the block device that it is */
	__u64 backing_ino;
	__u32 openers;
	__u32 pad;
	__u64 io_errors;
};

struct cryptdisk_resize { /* 24 bytes */
	__u32 size;
	__u32 index;
	__u64 generation;
	__u64 length;
};

struct cryptdisk_note { /* 40 bytes */
	__u32 size;
	__u32 index;
	__u64 generation;
	__u32 what; /* CRYPTDISK_EV_MOUNTED or CRYPTDISK_EV_UNMOUNTED */
	__u32 pad;
	__u64 mnt_id;
	__u64 mnt_ns;
};

struct cryptdisk_list { /* 16 bytes */
	__u32 size;
	__u32 count;   /* in: room; out: all there are */
	__u64 indices; /* address of an array of __u32 */
};

enum cryptdisk_event_type {
	CRYPTDISK_EV_ATTACHED = 1, /* length, flags */
	CRYPTDISK_EV_DETACHED,
	CRYPTDISK_EV_BUSY,	/* first opener */
	CRYPTDISK_EV_CLAIMED,	/* first exclusive open */
	CRYPTDISK_EV_IDLE,	/* last close */
	CRYPTDISK_EV_MOUNTED,	/* mnt_id, mnt_ns */
	CRYPTDISK_EV_UNMOUNTED, /* mnt_id, mnt_ns */
	CRYPTDISK_EV_EJECT_REQUEST,
	CRYPTDISK_EV_RESIZED,  /* length */
	CRYPTDISK_EV_IO_ERROR, /* the disk's first: operation (REQ_OP_*), sector of 512 bytes */
};

/* BUSY, CLAIMED and IDLE come in dozens while a container is formatted. */
#define CRYPTDISK_EVMASK_DEFAULT                                                                   \
	(~((1ull << CRYPTDISK_EV_BUSY) | (1ull << CRYPTDISK_EV_CLAIMED) |                          \
	   (1ull << CRYPTDISK_EV_IDLE)))

#define CRYPTDISK_EV_BY_KERNEL (1u << 0) /* made by the module, not told by a NOTE */

struct cryptdisk_event { /* 104 bytes */
	__u32 size;
	__u16 type;
	__u16 flags;
	__u64 seq;
	__u64 lost;
	__u64 time_ns; /* CLOCK_BOOTTIME */
	__u64 devt;
	__u64 generation;
	__u8 volume_id[CRYPTDISK_ID_LEN];
	__u32 index;
	__u32 pad;
	__u64 arg[4];
};

#define CRYPTDISK_IOC 0xDA
#define CRYPTDISK_IOC_ABI _IO(CRYPTDISK_IOC, 0) /* returns CRYPTDISK_ABI */
#define CRYPTDISK_IOC_ATTACH _IOWR(CRYPTDISK_IOC, 1, struct cryptdisk_attach)
#define CRYPTDISK_IOC_DETACH _IOW(CRYPTDISK_IOC, 2, struct cryptdisk_target)
#define CRYPTDISK_IOC_STATUS _IOWR(CRYPTDISK_IOC, 3, struct cryptdisk_status)
#define CRYPTDISK_IOC_RESIZE _IOW(CRYPTDISK_IOC, 4, struct cryptdisk_resize)
#define CRYPTDISK_IOC_NOTE _IOW(CRYPTDISK_IOC, 5, struct cryptdisk_note)
#define CRYPTDISK_IOC_LIST _IOWR(CRYPTDISK_IOC, 6, struct cryptdisk_list)
#define CRYPTDISK_IOC_EVMASK _IOW(CRYPTDISK_IOC, 7, __u64)

#endif
