/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filesystems on disks: what is there, making, mounting, checking, resizing. */
#ifndef CDISK_MOUNT_MOUNT_H
#define CDISK_MOUNT_MOUNT_H

#include "base/context.h"

/* ---- probe.c (libblkid) ------------------------------------------------------------------ */

struct cdisk_fs {
	char type[32];	/* "" = nothing recognised */
	char label[CDISK_NAME_SIZE]; /* made printable; may be empty */
	char uuid[64];
	uint64_t size; /* the filesystem's own, bytes; 0 = not known */
	uint32_t block_size;
	bool ambiguous; /* more than one signature */
};

/* What lies on the file or device behind fd. 0 also when nothing was recognised. */
int cdisk_fs_probe(struct cdisk *c, int fd, struct cdisk_fs *ret_fs);

/* Any signature at all (partition table, RAID, filesystem, encryption): its name in ret_type, or "". */
int cdisk_signature(struct cdisk *c, int fd, char *ret_type, size_t size);

/* ---- fstype.c: the table of filesystems --------------------------------------------------- */

/* What programs serve, make, check and resize a type; NULL = none. Names, found by process.h. */
struct cdisk_fstype {
	const char *name;
	const char *server;	 /* rootless: "fuse2fs", "ntfs-3g", ... */
	const char *mkfs, *fsck;
	const char *package;	 /* Debian's, for advice */
	const char *server_package;
};

const struct cdisk_fstype *cdisk_fstype_get(const char *name); /* NULL = unknown type */
extern const struct cdisk_fstype cdisk_fstypes[];		/* ends with name NULL */

/* True if this kernel can mount the type (it is in /proc/filesystems or a module exists). */
bool cdisk_fs_kernel(const char *type);

/* ---- mkfs.c ------------------------------------------------------------------------------- */

struct cdisk_mkfs {
	const char *fs, *label, *from;
	uint32_t sector_size; /* no smaller block than this */
	uint32_t uid, gid;    /* owner of the root directory */
	uint64_t inodes;      /* 0 = default */
};

/* Is the program there? -CDISK_ERR_UNSUPPORTED with advice. label is checked too: -EINVAL. */
int cdisk_mkfs_check(struct cdisk *c, const struct cdisk_mkfs *m);

/*
 * The largest volume sector that the mkfs of a type can follow when it sees the disk as a file:
 * CDISK_SECTOR_MAX, but 512 for exfat where mkfs.exfat has no option for it. A volume for that type
 * gets no larger sector: the kernel does not mount a filesystem with sectors below its device's.
 */
uint32_t cdisk_mkfs_sector_max(struct cdisk *c, const char *fs);

/*
 * disk: path of the plain disk. -ENOSPC when the content of from does not fit, -EACCES when some of
 * it cannot be read, -CDISK_ERR_CORRUPT when it holds a socket or changed while it was copied.
 */
int cdisk_mkfs(struct cdisk *c, const struct cdisk_mkfs *m, const char *disk);

/* ---- tree.c: a directory that is to be copied ---------------------------------------------- */

/*
 * Walks a directory (hard links once, sparse files as stored, other filesystems mounted below it
 * included, since mke2fs copies them): bytes and inodes it needs. -EACCES names the entry that
 * cannot be read, -CDISK_ERR_CORRUPT a socket or an entry that went away meanwhile.
 */
int cdisk_tree_measure(struct cdisk *c, const char *dir, uint64_t *ret_bytes, uint64_t *ret_inodes);

/* Size of a filesystem that holds what was measured: 16 MiB + 1.1 x bytes + 256 an inode, in whole
 * MiB. The container's header is not in it. */
uint64_t cdisk_tree_size(uint64_t bytes, uint64_t inodes);

/*
 * A number that changes when any entry below dir is added, removed or written to (sizes, modes,
 * times), the copied data itself is not read.
 */
int cdisk_tree_fingerprint(struct cdisk *c, const char *dir, uint64_t *ret_fingerprint);

/* ---- fsck.c, fsresize.c, free.c ------------------------------------------------------------ */

/*
 * 0 clean or mended; -CDISK_ERR_FILESYSTEM. preen: only what is safe (e2fsck -p); repair: all;
 * neither: nothing is written. *ret_report (may be NULL; freed with free()) is written in both cases.
 */
int cdisk_fsck_run(struct cdisk *c, const char *type, const char *disk, bool repair, bool preen,
		   char **ret_report);

/*
 * Grows to the disk's size (size 0) or shrinks to size bytes. disk unmounted. -ENOSPC with the
 * smallest size when the content does not fit, -CDISK_ERR_FILESYSTEM when it has to be checked
 * first, -CDISK_ERR_UNSUPPORTED for types that cannot. btrfs and xfs are mounted meanwhile, unseen
 * by others, which takes root.
 */
int cdisk_fs_resize(struct cdisk *c, const char *type, const char *disk, uint64_t size);
/* Grows a mounted filesystem to the size of its node. */
int cdisk_fs_grow_online(struct cdisk *c, const char *type, const char *node,
			 const char *mountpoint);

/* The smallest size that cdisk_fs_resize() can shrink to, estimated; ext2, ext3 and ext4 only. */
int cdisk_fs_size_min(struct cdisk *c, const char *type, const char *disk, uint64_t *ret_size);

/*
 * Calls fn for every range of the filesystem that is known to be free. Anything but 0 from fn ends
 * the walk and is the result. Offline (ext2, ext3, ext4) it is checked first, and refused unless
 * nothing is wrong with it. Mounted (ext4, xfs; root) it is frozen meanwhile: fn must not write to it,
 * neither through a log nor a terminal that is recorded there.
 */
typedef int (*cdisk_free_fn)(uint64_t offset, uint64_t length, void *data);
int cdisk_fs_free_offline(struct cdisk *c, const char *type, const char *disk, cdisk_free_fn fn,
			  void *data);
/* The filesystem is that which fd, a directory, lies on; fd is closed in every case. */
int cdisk_fs_free_mounted(struct cdisk *c, const char *type, int fd, const char *mountpoint,
			  cdisk_free_fn fn, void *data);

/* ---- doctor.c -------------------------------------------------------------------------------- */

/* cdisk_doctor() of cryptdisk.h: everything but the backends. The count, or -ENOMEM. */
int cdisk_doctor_list(struct cdisk *c, struct cdisk_check **ret_list);

/* ---- attach.c (mounting) ------------------------------------------------------------------- */

/* Mounts the disk of *a; see cdisk_mount() in cryptdisk.h. */
int cdisk_fs_mount(struct cdisk *c, struct cdisk_attachment *a, const struct cdisk_mount *m);

/*
 * -CDISK_ERR_LOCKED for a mounted volume that is locked: no unmount without force would end. It waits
 * for nobody, and of what is locked udev may hold the node: so it is asked before that is waited for.
 */
int cdisk_umount_locked_refuse(struct cdisk *c, const struct cdisk_attachment *a);

/*
 * Unmounts the filesystem of *a only (the attachment stays). As cdisk_umount(), but a positive errno
 * when it is unmounted and what was written last did not reach the disk.
 */
int cdisk_fs_umount(struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags,
		    unsigned int wait_ms);

/* ---- state.c: what is attached -------------------------------------------------------------- */

int cdisk_state_list(struct cdisk *c, uint32_t flags, struct cdisk_attachment **ret_list);

/* ---- link.c: /dev/cryptdisk/by-id/ID --------------------------------------------------------- */

/*
 * Sees to it that the link leads to a->node: udev's, or one of our own. Fills in a->link, or
 * tells cdisk_partial() why there is none; a copy and a disk without a node have none.
 * locked: the caller holds the run directory's lock. Nothing but root's gets a link.
 */
void cdisk_link_make(struct cdisk *c, struct cdisk_attachment *a, bool locked);

/*
 * After the detach: returns when the link has gone, or belongs to whoever opened it again. gone: so
 * has the node, and udev is given the time to remove what it made.
 */
void cdisk_link_remove(struct cdisk *c, const struct cdisk_attachment *a, bool gone);

/* Fills in a->link where the link is there and leads to a->node. */
void cdisk_link_look(struct cdisk_attachment *a);

/* Processes below a mount or holding a disk, from /proc; never opens anything in the mount. */
int cdisk_busy_list(struct cdisk *c, const struct cdisk_attachment *a,
		    struct cdisk_process **ret_list);

#endif
