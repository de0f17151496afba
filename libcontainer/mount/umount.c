// SPDX-License-Identifier: GPL-2.0-or-later
/* Unmounting what lies over a disk, so that nothing of it is left. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include "backend/child.h"
#include "backend/mapping.h"
#include "base/process.h"
#include "mount/mounting.h"

#define STEP_MS 50
#define WRITE_BACK_MS 3600000 /* what is dirty may be much and the medium slow */
#define LOOP_GONE_MS 2000
#define FUSERMOUNT_MS 600000

struct unmounting {
	struct cdisk *c;
	const struct cdisk_attachment *a;
	bool lazy;
	bool detached; /* what was busy is out of sight only, and goes with its last user */
	int lost;      /* errno of the last writes, which did not reach the disk */
	uint64_t end;  /* of trying while it is busy */
};

static int stopped_fail(struct cdisk *c, const struct cdisk_attachment *a, int32_t pid)
{
	(void)cdisk_fail(c, -ETIMEDOUT,
		"cannot unmount %s: process %d, which serves it, is stopped",
		a->mountpoint[0] ? a->mountpoint : a->disk, pid);
	cdisk_hint(c, "continue it with 'kill -CONT %d', or use umount --force", pid);
	return -ETIMEDOUT;
}

/* What the kernel serves itself always runs. */
static enum cdisk_process_state server_state(const struct cdisk_attachment *a)
{
	return cdisk_disk_is_served(a) ? cdisk_process_look(a->pid, a->pid_start)
				       : CDISK_PROCESS_RUNS;
}

static bool is_suspended(const struct cdisk_attachment *a)
{
	struct cdisk_mapped m;

	return !cdisk_disk_is_served(a) && cdisk_mapping_of(a, &m) == 0 && m.suspended;
}

/* Asked while an unmount runs: it would wait for ever for a server that was stopped. */
static int umount_go_on(void *data)
{
	struct unmounting *u = data;

	if (server_state(u->a) == CDISK_PROCESS_STOPPED)
		return stopped_fail(u->c, u->a, u->a->pid);
	return cdisk_progress(u->c, "unmounting", 0, 0);
}

static int target_umount(struct unmounting *u, const char *target, bool fuse, bool lazy)
{
	if (fuse && geteuid() != 0)
		return cdisk_fuse_umount(u->c, target, lazy, FUSERMOUNT_MS);
	return cdisk_child_umount(target, lazy ? MNT_DETACH : 0, WRITE_BACK_MS, umount_go_on, u);
}

/* The directory as well: of a filesystem server, syncfs() asks nothing. */
static int sync_in_child(const void *data, int out)
{
	struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, data, &how, sizeof(how));

	(void)out;
	if (fd < 0)
		return 0;
	return syncfs(fd) < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* An unmount succeeds whatever becomes of the last writes; only a sync before it tells. */
static int mount_sync(struct unmounting *u, const struct cdisk_mount_entry *e)
{
	int r;

	/* Nobody opens what is in another user's mount, and a killed server has nothing to say. */
	if (u->a->uid != geteuid() || cdisk_option_has(e->flags, "ro") ||
		server_state(u->a) != CDISK_PROCESS_RUNS || is_suspended(u->a))
		return 0;
	u->c->error = 0;
	r = cdisk_child_watch(sync_in_child, e->target, WRITE_BACK_MS, NULL, 0, umount_go_on, u);
	if (r == 0 || u->c->error == r)
		return r;
	/* EROFS: ext4 after an error that was told before. */
	if (r == -EIO || r == -ENOSPC || r == -EDQUOT || r == -EROFS || r == -EUCLEAN)
		u->lost = r == -EROFS ? EIO : -r;
	return 0;
}

static int mount_remove(struct unmounting *u, const struct cdisk_mount_entry *e)
{
	bool fuse = strncmp(e->type, "fuse", 4) == 0;

	for (;;) {
		int r;

		u->c->error = 0;
		r = target_umount(u, e->target, fuse, false);
		if (r == -EBUSY && u->lazy) {
			r = target_umount(u, e->target, fuse, true);
			u->detached = true;
		}
		if (r == 0) {
			cdisk_mountpoint_remove(u->c, e->target);
			return 0;
		}
		/* Refused by umount_go_on(), which said why. */
		if (u->c->error == r)
			return r;
		if (r == -EINVAL || r == -ENOENT)
			return 0;
		if (r != -EBUSY)
			return cdisk_fail(
				u->c, r, "cannot unmount %s: %s", e->target, strerror(-r));
		if (cdisk_now_ms() >= u->end)
			return cdisk_busy_fail(u->c, u->a);
		r = cdisk_progress(u->c, "waiting until it is free", 0, 0);
		if (r < 0)
			return r;
		cdisk_sleep_ms(STEP_MS);
	}
}

/* The path leads to what was mounted there last. */
static bool is_reached(const struct cdisk_mountinfo *m, const struct cdisk_over *over,
	const struct cdisk_mount_entry *e)
{
	const struct cdisk_mount_entry *top = cdisk_mountinfo_at(m, e->target);

	for (size_t i = 0; i < over->n_mounts; i++)
		if (over->mounts[i] == top)
			return true;
	return false;
}

/* Everything over the disk, the last mounted first. */
static int mounts_remove(struct unmounting *u)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	_cleanup_over_ struct cdisk_over over = {0};
	int r = cdisk_mountinfo_read(&m);

	if (r == 0)
		r = cdisk_over_find(&m, u->a->disk, u->a->uid, &over);
	if (r < 0)
		return cdisk_fail(u->c, r, "cannot read mountinfo: %s", strerror(-r));
	for (size_t i = over.n_mounts; i > 0; i--) {
		if (!is_reached(&m, &over, over.mounts[i - 1]))
			return cdisk_covered_fail(u->c, over.mounts[i - 1]->target);
		r = mount_sync(u, over.mounts[i - 1]);
		if (r == 0)
			r = mount_remove(u, over.mounts[i - 1]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Autoclear takes the device away after the last user, a moment after the unmount. */
static int loops_wait(struct unmounting *u)
{
	uint64_t end = cdisk_now_ms() + LOOP_GONE_MS;
	char node[32] = "";

	if (end < u->end)
		end = u->end;
	do {
		struct cdisk_mountinfo none = {0};
		_cleanup_over_ struct cdisk_over over = {0};
		int r = cdisk_over_find(&none, u->a->disk, u->a->uid, &over);

		if (r < 0)
			return cdisk_fail(u->c, r, "cannot list loop devices: %s", strerror(-r));
		if (over.n_loops == 0)
			return 0;
		memcpy(node, over.loops[0].node, sizeof(node));
		cdisk_sleep_ms(STEP_MS / 5);
	} while (cdisk_now_ms() < end && !u->detached);
	return u->lazy ? 0 : cdisk_busy_fail(u->c, u->a);
}

/* A filesystem server writes its last blocks to the disk after its unmount. */
static int servers_wait(struct unmounting *u, const struct cdisk_holder *servers, int n)
{
	for (int i = 0; i < n && !u->detached; i++) {
		_cleanup_close_ int pidfd = -1;
		int r = cdisk_process_pidfd(servers[i].pid, servers[i].start, &pidfd);

		while (r == 0 && cdisk_process_wait(pidfd, 100) == -ETIMEDOUT) {
			if (cdisk_process_look(servers[i].pid, servers[i].start) ==
				CDISK_PROCESS_STOPPED)
				return stopped_fail(u->c, u->a, servers[i].pid);
			r = cdisk_progress(u->c, "waiting for the last writes", 0, 0);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* Before anything is done: somebody who has the disk itself open keeps all as it is. */
static int disk_free_wait(struct unmounting *u)
{
	for (;;) {
		_cleanup_free_ struct cdisk_process *list = NULL;
		int n = cdisk_disk_busy_list(u->c, u->a, &list);

		if (n <= 0)
			return n;
		if (cdisk_now_ms() >= u->end)
			return cdisk_busy_fail(u->c, u->a);
		n = cdisk_progress(u->c, "waiting until it is free", 0, 0);
		if (n < 0)
			return n;
		cdisk_sleep_ms(STEP_MS);
	}
}

/* What another tool opened is a mapping like ours; it is closed as that tool would. */
static int foreign_close(struct unmounting *u, uint32_t flags, unsigned int wait_ms)
{
	int r = cdisk_mapping_detach(u->c, u->a, flags, wait_ms);

	return r < 0 ? r : u->lost;
}

/* A frozen filesystem would outlive its unmounting, and what waits for the key would be lost. */
int cdisk_umount_locked_refuse(struct cdisk *c, const struct cdisk_attachment *a)
{
	if (!a->mountpoint[0] || (a->state != CDISK_STATE_LOCKED && !is_suspended(a) &&
					 !(a->pid && cdisk_server_locked(a->pid, a->pid_start))))
		return 0;
	(void)cdisk_fail(c, -CDISK_ERR_LOCKED,
		"%s is locked: it cannot be unmounted without its key", a->mountpoint);
	cdisk_hint(c, "'cryptdisk resume' first, or umount --force: all that was written before "
		      "the lock is on the disk, what waits since then is lost");
	return -CDISK_ERR_LOCKED;
}

int cdisk_fs_umount(
	struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags, unsigned int wait_ms)
{
	_cleanup_free_ struct cdisk_holder *servers = NULL;
	struct unmounting u = {
		.c = c, .a = a, .lazy = flags & CDISK_UMOUNT_LAZY, .end = cdisk_now_ms() + wait_ms};
	_cleanup_close_ int node = -1;
	int n, r;

	if (flags & CDISK_UMOUNT_FORCE) {
		r = cdisk_fs_umount_force(c, a);
		return r == 0 && a->state == CDISK_STATE_FOREIGN ? foreign_close(&u, flags, 0) : r;
	}
	if (server_state(a) == CDISK_PROCESS_STOPPED)
		return stopped_fail(c, a, a->pid);
	r = cdisk_node_lock(c, a, &node);
	if (r == 0)
		r = cdisk_umount_locked_refuse(c, a);
	if (r < 0)
		return r;
	n = cdisk_fsservers_list(a, &servers);
	for (int i = 0; i < n; i++)
		if (cdisk_process_look(servers[i].pid, servers[i].start) == CDISK_PROCESS_STOPPED)
			return stopped_fail(c, a, servers[i].pid);
	if (!u.lazy)
		r = disk_free_wait(&u);
	if (r == 0)
		r = mounts_remove(&u);
	cdisk_close(&node); /* the loop device goes with its last user */
	if (r == 0)
		r = loops_wait(&u);
	if (r == 0)
		r = servers_wait(&u, servers, n);
	if (r == 0 && a->state == CDISK_STATE_FOREIGN)
		return foreign_close(&u, flags, wait_ms);
	return r == 0 ? u.lost : r;
}
