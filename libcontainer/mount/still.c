// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The filesystem over a disk around a lock. It is synced, and frozen where the kernel has it, so
 * that whatever becomes of the volume then, nothing that was written before is missing. Where it
 * cannot be frozen (a filesystem server, vfat), its programs wait at the disk instead.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "backend/child.h"
#include "base/process.h"
#include "mount/holders.h"
#include "mount/mounting.h"

#define NODE_LOCK_MS 5000
#define STEP_MS 20
#define SYNC_MS 3600000 /* what is dirty may be much and the medium slow */
#define THAW_MS 400

int cdisk_node_lock(struct cdisk *c, const struct cdisk_attachment *a, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	uint64_t end = cdisk_now_ms() + NODE_LOCK_MS;

	*ret_fd = -1;
	if (!a->node[0] || geteuid() != 0)
		return 0;
	fd = open(a->node, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENXIO))
		return 0;
	if (fd < 0)
		return cdisk_fail(c, -errno, "cannot open %s: %s", a->node, strerror(errno));
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return cdisk_fail(
				c, -errno, "cannot lock %s: %s", a->node, strerror(errno));
		if (cdisk_now_ms() >= end) {
			(void)cdisk_fail(c, -CDISK_ERR_IN_USE,
				"another program has %s locked, and changes it", a->node);
			cdisk_hint(c, "wait until its lock, resume, trim or resize is done");
			return -CDISK_ERR_IN_USE;
		}
		cdisk_sleep_ms(STEP_MS);
	}
	*ret_fd = cdisk_steal_fd(&fd);
	return 0;
}

struct place {
	const char *target;
	int mount_id;
	unsigned long request; /* of ioctl(); 0 = sync */
};

static int digits(const char *p)
{
	int n = 0;

	while (*p == ' ' || *p == '\t')
		p++;
	while (*p >= '0' && *p <= '9' && n < 100000000)
		n = n * 10 + (*p++ - '0');
	return n;
}

/* As cdisk_process_mount_id(), but with nothing that a child of a program with threads may not. */
static int own_mount_id(int fd)
{
	char path[48], text[512];
	const char *line;
	ssize_t n;
	int info;

	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	n = info < 0 ? -1 : read(info, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	line = strstr(text, "mnt_id:");
	return line ? digits(line + strlen("mnt_id:")) : -EIO;
}

/* -ESTALE: something else is reached there. */
static int place_visit(const void *data, int out)
{
	const struct place *p = data;
	struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, p->target, &how, sizeof(how));

	(void)out;
	if (fd < 0)
		return -errno;
	if (own_mount_id(fd) != p->mount_id)
		return -ESTALE;
	if (p->request)
		return ioctl(fd, p->request, 0) < 0 ? -errno : 0;
	/* The directory as well: of a filesystem server, syncfs() asks nothing. */
	return syncfs(fd) < 0 || fsync(fd) < 0 ? -errno : 0;
}

struct waiting {
	struct cdisk *c;
	const struct cdisk_attachment *a;
	struct cdisk_holder *servers; /* of the filesystem */
	int n_servers;
};

static int stopped_fail(const struct waiting *w, int32_t pid)
{
	(void)cdisk_fail(w->c, -ETIMEDOUT,
		"%s cannot be locked: process %d, which serves it, is stopped", w->a->disk, pid);
	cdisk_hint(w->c, "continue it with 'kill -CONT %d'", pid);
	return -ETIMEDOUT;
}

/* Asked while a sync runs: it would not end once the server is stopped, or locked by another. */
static int sync_go_on(void *data)
{
	const struct waiting *w = data;

	if (cdisk_process_look(w->a->pid, w->a->pid_start) == CDISK_PROCESS_STOPPED)
		return stopped_fail(w, w->a->pid);
	for (int i = 0; i < w->n_servers; i++)
		if (cdisk_process_look(w->servers[i].pid, w->servers[i].start) ==
			CDISK_PROCESS_STOPPED)
			return stopped_fail(w, w->servers[i].pid);
	if (w->a->pid && cdisk_server_locked(w->a->pid, w->a->pid_start))
		return -EALREADY;
	return cdisk_progress(w->c, "syncing", 0, 0);
}

static int place_sync(struct waiting *w, const struct cdisk_mount_entry *e)
{
	const struct place p = {.target = e->target, .mount_id = e->id};
	struct cdisk *c = w->c;
	int r;

	c->error = 0;
	r = cdisk_child_watch(place_visit, &p, SYNC_MS, NULL, 0, sync_go_on, w);
	if (r == 0 || r == -ESTALE || r == -EALREADY || c->error == r)
		return r;
	(void)cdisk_fail(c, r, "what was written to %s does not reach its disk: %s", e->target,
		strerror(-r));
	cdisk_hint(c, "see to the medium that the container lies on (full, or failing)");
	return r;
}

/* One mount of it is enough, of a filesystem that is read-only none. */
static int over_sync(struct cdisk *c, const struct cdisk_attachment *a)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	_cleanup_over_ struct cdisk_over over = {0};
	_cleanup_free_ struct cdisk_holder *servers = NULL;
	struct waiting w = {.c = c, .a = a};
	const char *covered = NULL;
	int r = cdisk_mountinfo_read(&m);

	if (r == 0)
		r = cdisk_over_find(&m, a->disk, a->uid, &over);
	if (r < 0)
		return cdisk_fail(c, r, "cannot read mountinfo: %s", strerror(-r));
	w.n_servers = cdisk_fsservers_list(a, &servers);
	w.servers = servers;
	r = sync_go_on(&w); /* asked of a stopped one, the child could not be killed */
	for (size_t i = 0; i < over.n_mounts && r == 0; i++) {
		const struct cdisk_mount_entry *e = over.mounts[i];

		if (cdisk_option_has(e->options, "ro"))
			continue;
		/* What lies over it is not opened: whoever serves that might not answer. */
		r = cdisk_mountinfo_at(&m, e->target) == e ? place_sync(&w, e) : -ESTALE;
		if (r != -ESTALE)
			return r;
		covered = e->target;
		r = 0;
	}
	return covered ? cdisk_covered_fail(c, covered) : r;
}

int cdisk_still_start(struct cdisk *c, const struct cdisk_attachment *a, struct cdisk_freeze *z)
{
	char target[CDISK_PATH_SIZE];
	struct stat node;
	int r = over_sync(c, a);

	*z = (struct cdisk_freeze){.c = c, .fd = -1, .guard_fd = -1};
	if (r < 0)
		return r;
	if (stat(a->disk, &node) == 0 && S_ISBLK(node.st_mode))
		z->disk = node.st_rdev;
	r = cdisk_mounted_open(c, a, &z->fd, target);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = cdisk_freeze_start(z, target);
	if (r != -EOPNOTSUPP)
		return r;
	cdisk_log(c, CDISK_LOG_INFO, "%s cannot be frozen: its programs will wait at the disk",
		a->fstype);
	return 0;
}

int cdisk_still_end(struct cdisk *c, const struct cdisk_attachment *a)
{
	_cleanup_close_ int fd = -1;
	char target[CDISK_PATH_SIZE];
	int r = geteuid() == 0 ? cdisk_mounted_open(c, a, &fd, target) : -ENOENT;

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (ioctl(fd, FITHAW, 0) == 0)
		return 1;
	if (errno == EINVAL || errno == EOPNOTSUPP || errno == ENOTTY)
		return 0;
	return cdisk_fail(
		c, -errno, "the filesystem at %s stays frozen: %s", target, strerror(errno));
}

void cdisk_still_break(struct cdisk *c, const struct cdisk_mount_entry *e)
{
	const struct place p = {.target = e->target, .mount_id = e->id, .request = FITHAW};
	int r = geteuid() == 0 ? cdisk_child_run(place_visit, &p, THAW_MS, NULL, 0) : -EPERM;

	if (r == 0)
		cdisk_log(c, CDISK_LOG_INFO, "%s was frozen", e->target);
}
