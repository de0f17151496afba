/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two ways a disk's filesystem gets mounted, and what undoing them shares. */
#ifndef CDISK_MOUNT_MOUNTING_H
#define CDISK_MOUNT_MOUNTING_H

#include "backend/server.h"
#include "mount/mount.h"
#include "mount/mountpoint.h"
#include "mount/options.h"

/* ---- kernelmount.c ----------------------------------------------------------------------- */

/* Whether root mounts this type through the kernel: on our list, and the kernel has it. */
bool cdisk_kernel_mounts(const char *type);

/* Whether a server of ours answers for the disk; else it is a block device of the kernel's. */
bool cdisk_disk_is_served(const struct cdisk_attachment *a);

/* As root: a loop device over the disk that is open at fd; into a->node. */
int cdisk_disk_loop(struct cdisk *c, struct cdisk_attachment *a, int fd, const struct cdisk_fs *fs,
	bool read_only, int *ret_fd);

/* The kernel's filesystem of a->node on mp->fd. */
int cdisk_kernel_mount(struct cdisk *c, const struct cdisk_attachment *a, const char *type,
	uint32_t owner, const struct cdisk_options *o, const struct cdisk_mountpoint *mp);

/* ---- fsserver.c -------------------------------------------------------------------------- */

/* -CDISK_ERR_NO_BACKEND with advice when no program here serves the type. */
int cdisk_fsserver_find(struct cdisk *c, const char *type, char *ret_program, size_t size);

/* Brings an unclean filesystem in order before a server without a journal gets it. */
int cdisk_fsserver_check(struct cdisk *c, const struct cdisk_attachment *a, int fd,
	const char *type, struct cdisk_options *o);

/* Serves a->node where there is one (root), else a->disk. */
int cdisk_fsserver_mount(struct cdisk *c, const struct cdisk_attachment *a, const char *program,
	const struct cdisk_options *o, const struct cdisk_mountpoint *mp);

/* ---- info.c: what one's own server says --------------------------------------------------- */

/* Fills in what only the server knows; within 1 s. -errno leaves *a as it was. */
int cdisk_info_read(struct cdisk_attachment *a);
/* The document itself: one flat JSON object. -EINVAL leaves *a as it was. */
int cdisk_info_parse(const char *text, struct cdisk_attachment *a);

/* ---- mappings.c: volumes that device-mapper serves ----------------------------------------- */

/*
 * Appends to *list (of *n) what sysfs below root ("/sys") shows: root's own, and with
 * CDISK_LIST_ALL those of other tools.
 */
int cdisk_mappings_add(const char *root, uint32_t flags, const struct cdisk_mountinfo *m,
	struct cdisk_attachment **list, size_t *n);

/* ---- holders.c: who has a disk or a mount open ------------------------------------------- */

/* Processes that serve a filesystem from the disk: they have it, or its node, and /dev/fuse open.
 */
struct cdisk_holder {
	int32_t pid;
	uint64_t start;
};

/* *ret_list is freed with free(); the count. */
int cdisk_fsservers_list(const struct cdisk_attachment *a, struct cdisk_holder **ret_list);

/* ---- frozen.c ---------------------------------------------------------------------------- */

struct cdisk_freeze {
	struct cdisk *c;
	int fd;     /* the root of the filesystem; belongs to this */
	dev_t disk; /* below it; 0 when that is never suspended meanwhile */
	int guard_fd;
	pid_t guard;
	bool frozen;
	bool keep; /* cdisk_freeze_done() leaves it frozen */
};

/*
 * Freezes the filesystem at z->fd; z holds c and fd, and guard_fd -1. Until cdisk_freeze_done() a
 * second process would thaw it if this one ended, killed included. -EBUSY: it is frozen already.
 */
int cdisk_freeze_start(struct cdisk_freeze *z, const char *mountpoint);
void cdisk_freeze_done(struct cdisk_freeze *z); /* thaws; after a failure, too */

/* ---- mounted.c --------------------------------------------------------------------------- */

/*
 * The root directory of the kernel's filesystem over the disk of *a, and never of what somebody
 * mounted over that place. *ret_target is where it was reached. -ENOENT: no such mount;
 * -CDISK_ERR_IN_USE: all its places are covered by other mounts.
 */
int cdisk_mounted_open(struct cdisk *c, const struct cdisk_attachment *a, int *ret_fd,
	char ret_target[CDISK_PATH_SIZE]);

/* Says that target is covered by another mount; returns -CDISK_ERR_IN_USE. */
int cdisk_covered_fail(struct cdisk *c, const char *target);

/* ---- still.c: the filesystem around a lock ------------------------------------------------ */

/*
 * Keeps all others that freeze, lock, resume or resize the volume at *a's node away until *ret_fd
 * is closed: -CDISK_ERR_IN_USE when they take too long. Without a node, or root, there is nothing
 * to lock, and *ret_fd is -1. (flock of the node: udev respects it too.)
 */
int cdisk_node_lock(struct cdisk *c, const struct cdisk_attachment *a, int *ret_fd);

/*
 * Syncs what lies over the disk of *a and freezes it where that can be done. cdisk_freeze_done(z)
 * has to follow, also after a failure. -EALREADY: the volume is locked, and so nothing was synced.
 */
int cdisk_still_start(struct cdisk *c, const struct cdisk_attachment *a, struct cdisk_freeze *z);

/* Thaws it: 1, or 0 when it was not frozen. */
int cdisk_still_end(struct cdisk *c, const struct cdisk_attachment *a);

/*
 * Thaws a mount whose disk is dead, within a short time: frozen it would outlive its unmounting and
 * nobody could reach it any more.
 */
void cdisk_still_break(struct cdisk *c, const struct cdisk_mount_entry *e);

/* ---- force.c ----------------------------------------------------------------------------- */

/* The filesystem part of umount --force, within the 5 s of all of it. */
int cdisk_fs_umount_force(struct cdisk *c, const struct cdisk_attachment *a);

/* ---- busy.c ------------------------------------------------------------------------------ */

/* As cdisk_busy_list(), but only those that have the disk itself open. */
int cdisk_disk_busy_list(
	struct cdisk *c, const struct cdisk_attachment *a, struct cdisk_process **ret_list);

/* Says who uses it; returns -CDISK_ERR_IN_USE. */
int cdisk_busy_fail(struct cdisk *c, const struct cdisk_attachment *a);

#endif
