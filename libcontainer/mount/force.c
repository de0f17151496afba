// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * umount --force: whatever state server and mount are in, nothing is left within 5 s. Nothing
 * beneath the mount is looked at; every call that may hang is made in a child.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include "backend/child.h"
#include "backend/mapping.h"
#include "base/process.h"
#include "mount/mounting.h"

#define KILL_MS 2000
#define STEP_MS 10
#define CALL_MS 400     /* of one system call in a child */
#define SYNC_MS 500     /* of a filesystem whose medium may hang */
#define LOOP_MS 1000    /* until a loop device is detached by hand */
#define LOOP_END_MS 500 /* and until it is gone then */

/* The connection's number as mountinfo has it now: that of *a may be old and used again. */
static uint32_t connection_find(const struct cdisk_mountinfo *m, const struct cdisk_attachment *a)
{
	const struct cdisk_mount_entry *e = cdisk_mountinfo_at(m, a->directory);
	struct cdisk_source s;

	if (e && cdisk_source_parse(e->source, &s) == 0 && s.pid == a->pid &&
		s.pid_start == a->pid_start)
		return e->minor;
	return 0;
}

static void fsservers_kill(struct cdisk *c, const struct cdisk_attachment *a)
{
	_cleanup_free_ struct cdisk_holder *list = NULL;
	int n = cdisk_fsservers_list(a, &list);

	for (int i = 0; i < n; i++) {
		_cleanup_close_ int pidfd = -1;

		if (cdisk_process_pidfd(list[i].pid, list[i].start, &pidfd) < 0)
			continue;
		cdisk_log(c, CDISK_LOG_DEBUG, "killing filesystem server %d", list[i].pid);
		(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		(void)cdisk_process_wait(pidfd, CALL_MS);
	}
}

static int sync_in_child(const void *data, int out)
{
	int fd = open(data, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	(void)out;
	return fd < 0 || syncfs(fd) < 0 ? -errno : 0;
}

/* Plainly first: that syncs what can be synced; then out of the way, busy or not. */
static int mount_force(struct cdisk *c, const struct cdisk_mount_entry *e)
{
	int r;

	if (geteuid() != 0)
		return cdisk_fuse_umount(c, e->target, true, KILL_MS / 2);
	r = cdisk_child_umount(e->target, 0, CALL_MS, NULL, NULL);
	if (r == 0)
		return 0;
	return cdisk_fuse_umount(c, e->target, true, CALL_MS);
}

/* What was frozen is thawed; a disk that is taken away next gets what is dirty, if it can. */
static void mount_calm(
	struct cdisk *c, const struct cdisk_attachment *a, const struct cdisk_mount_entry *e)
{
	cdisk_still_break(c, e);
	if (!cdisk_disk_is_served(a) && a->state != CDISK_STATE_LOCKED)
		(void)cdisk_child_run(sync_in_child, e->target, SYNC_MS, NULL, 0);
}

static int mounts_force(struct cdisk *c, const struct cdisk_attachment *a)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	_cleanup_over_ struct cdisk_over over = {0};
	int r = cdisk_mountinfo_read(&m);

	if (r == 0)
		r = cdisk_over_find(&m, a->disk, a->uid, &over);
	if (r < 0)
		return cdisk_fail(c, r, "cannot read mountinfo: %s", strerror(-r));
	for (size_t i = over.n_mounts; i > 0; i--) {
		const struct cdisk_mount_entry *e = over.mounts[i - 1];

		if (strncmp(e->type, "fuse", 4) == 0)
			(void)cdisk_fuse_abort(c, e->minor, CALL_MS);
		else
			mount_calm(c, a, e);
		r = mount_force(c, e);
		if (r < 0)
			return cdisk_fail(c, -ETIMEDOUT, "%s does not let itself be unmounted: %s",
				e->target, strerror(-r));
		cdisk_mountpoint_remove(c, e->target);
	}
	return 0;
}

/* 0 = no loop device over the disk any more; else the node of one. */
static int loop_left(const struct cdisk_attachment *a, unsigned int ms, char node[32])
{
	uint64_t end = cdisk_now_ms() + ms;

	for (;;) {
		struct cdisk_mountinfo none = {0};
		_cleanup_over_ struct cdisk_over over = {0};
		int r = cdisk_over_find(&none, a->disk, a->uid, &over);

		if (r < 0 || over.n_loops == 0)
			return r;
		memcpy(node, over.loops[0].node, 32);
		if (cdisk_now_ms() >= end)
			return 1;
		cdisk_sleep_ms(STEP_MS);
	}
}

static int loops_force(struct cdisk *c, const struct cdisk_attachment *a)
{
	char node[32];
	int r = loop_left(a, LOOP_MS, node);

	if (r > 0) {
		(void)cdisk_loop_detach(c, node, a->disk);
		r = loop_left(a, LOOP_END_MS, node);
	}
	if (r == 0)
		return 0;
	(void)cdisk_busy_fail(c, a);
	return cdisk_fail(c, -ETIMEDOUT,
		"the loop device %s over %s stays while a process has files "
		"open in the mount",
		node, a->disk);
}

int cdisk_fs_umount_force(struct cdisk *c, const struct cdisk_attachment *a)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	uint32_t connection;
	int r;

	if (a->uid != geteuid() && geteuid() != 0)
		return cdisk_fail(c, -EPERM, "%s belongs to uid %u", a->disk, a->uid);
	if (!cdisk_disk_is_served(a)) {
		/* Thawing and unmounting would wait for the key, too. */
		cdisk_mapping_break(c, a);
		return mounts_force(c, a);
	}
	r = cdisk_mountinfo_read(&m);
	if (r < 0)
		return cdisk_fail(c, r, "cannot read mountinfo: %s", strerror(-r));
	connection = connection_find(&m, a);
	r = cdisk_server_kill(c, a, KILL_MS);
	if (r < 0 && r != -ETIMEDOUT)
		return r;
	if (connection)
		(void)cdisk_fuse_abort(c, connection, CALL_MS);
	fsservers_kill(c, a);
	r = mounts_force(c, a);
	return r < 0 ? r : loops_force(c, a);
}
