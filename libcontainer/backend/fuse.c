// SPDX-License-Identifier: GPL-2.0-or-later
/* The fuse backend: a server process of ours shows the plain bytes as the file "disk". */
#include "backend/server.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include "backend/child.h"
#include "base/process.h"

#define FIRST_ANSWER_MS 5000
#define UNDO_MS 2000
#define STEP_MS 20        /* between two tries of what is busy */
#define AUTOCLEAR_MS 2000 /* a loop device leaves a moment after its last user */
#define FLUSH_MS 600000   /* the server's last flush may take as long as the medium is slow */
#define FORCE_KILL_MS 300 /* a second time: most of it was done before the filesystem went */
#define FORCE_CALL_MS 500
#define LAZY_MS 300

static int fuse_probe_user(struct cdisk_check *check)
{
	char path[128];
	struct stat st;

	if (cdisk_program_find("fusermount3", path, sizeof(path)) < 0) {
		(void)snprintf(check->reason, sizeof(check->reason), "fusermount3 is missing");
		(void)snprintf(check->advice, sizeof(check->advice), "install the package fuse3");
		return 0;
	}
	if (stat(path, &st) < 0 || st.st_uid != 0 || !(st.st_mode & S_ISUID)) {
		(void)snprintf(check->reason, sizeof(check->reason), "%s is not setuid root", path);
		(void)snprintf(
			check->advice, sizeof(check->advice), "as root: chmod 4755 %s", path);
		return 0;
	}
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
		(void)snprintf(check->reason, sizeof(check->reason),
			"this process runs under no_new_privs, so fusermount3 has no effect");
		return 0;
	}
	(void)snprintf(
		check->reason, sizeof(check->reason), "server in user space, by fusermount3");
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		(void)snprintf(check->advice, sizeof(check->advice),
			"/dev/fuse is closed to users, and most filesystem servers need it; "
			"as root: chmod 666 /dev/fuse");
	return 1;
}

static int fuse_probe(struct cdisk *c, struct cdisk_check *check)
{
	_cleanup_close_ int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	int opened = fd < 0 ? -errno : 0;
	char path[CDISK_PATH_SIZE];

	(void)c;
	(void)snprintf(check->name, sizeof(check->name), "fuse");
	if (cdisk_serve_path(path, sizeof(path)) < 0) {
		(void)snprintf(check->reason, sizeof(check->reason),
			"cryptdisk-serve is not installed beside the library");
		return 0;
	}
	if (opened < 0 && (geteuid() == 0 || opened != -EACCES)) {
		(void)snprintf(check->reason, sizeof(check->reason), "/dev/fuse does not open: %s",
			strerror(-opened));
		(void)snprintf(check->advice, sizeof(check->advice),
			"load the kernel module fuse, or give this container /dev/fuse");
		return 0;
	}
	if (geteuid() != 0)
		return fuse_probe_user(check);
	(void)snprintf(check->reason, sizeof(check->reason), "server in user space");
	return 1;
}

static void attachment_fill(const struct cdisk_attach_spec *spec, const struct cdisk_server *s,
	struct cdisk_attachment *a)
{
	const struct cdisk_description *d = spec->description;
	struct stat st;

	a->state = CDISK_STATE_UNLOCKED;
	(void)snprintf(a->id, sizeof(a->id), "%s", d->id);
	(void)snprintf(a->format, sizeof(a->format), "%s", d->format);
	(void)snprintf(a->label, sizeof(a->label), "%.*s", (int)sizeof(a->label) - 1, d->label);
	(void)snprintf(a->name, sizeof(a->name), "%s", spec->name ? spec->name : "");
	(void)snprintf(a->file, sizeof(a->file), "%s", spec->path ? spec->path : "");
	(void)snprintf(a->backend, sizeof(a->backend), "fuse");
	(void)snprintf(a->scope, sizeof(a->scope), "%s", geteuid() == 0 ? "global" : "user");
	(void)snprintf(
		a->disk, sizeof(a->disk), "%.*s/disk", (int)sizeof(a->disk) - 6, a->directory);
	if (fstat(spec->fd, &st) == 0) {
		a->dev = st.st_dev;
		a->ino = st.st_ino;
	}
	a->size = d->size;
	a->uid = geteuid();
	a->pid = s->pid;
	a->pid_start = s->start;
	a->read_only = d->read_only || (spec->flags & CDISK_ATTACH_READONLY);
	a->audit_session = UINT32_MAX;
	if (stat("/proc/self/ns/mnt", &st) == 0)
		a->mnt_ns = st.st_ino;
}

static int first_answer(const void *data, int out)
{
	struct stat st;

	(void)out;
	return stat(data, &st) < 0 ? -errno : 0;
}

/* The disk is announced only once it answers; its connection number is that of the mount. */
static int serving_check(struct cdisk *c, struct cdisk_attachment *a)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	const struct cdisk_mount_entry *e;
	int r = cdisk_child_run(first_answer, a->disk, FIRST_ANSWER_MS, NULL, 0);

	if (r < 0)
		return cdisk_fail(
			c, r, "the server does not answer at %s: %s", a->disk, strerror(-r));
	r = cdisk_mountinfo_read(&m);
	e = r < 0 ? NULL : cdisk_mountinfo_at(&m, a->directory);
	if (!e)
		return cdisk_fail(c, -EIO, "the server's mount %s has gone", a->directory);
	a->connection = e->minor;
	return 0;
}

/* Mounts for the server that waits, hands over, and is sure that it serves. */
static int server_mount(struct cdisk *c, const struct cdisk_attach_spec *spec,
	struct cdisk_server *s, struct cdisk_attachment *a)
{
	_cleanup_close_ int fuse_fd = -1;
	struct cdisk_source source = {
		.dev = a->dev, .ino = a->ino, .pid = s->pid, .pid_start = s->start};
	char text[160];
	bool locked = false;
	int r;

	memcpy(source.id, a->id, sizeof(source.id));
	cdisk_source_format(&source, text, sizeof(text));
	r = cdisk_fuse_mount(c, a->directory, text, &fuse_fd);
	if (r < 0)
		return r;
	r = cdisk_server_hand_over(c, s, spec, fuse_fd, &locked);
	/* From here on the server alone may hold it: its end must end the connection. */
	cdisk_close(&fuse_fd);
	if (r == 0)
		r = serving_check(c, a);
	if (r == 0)
		r = cdisk_server_keep(c, s, a->instance, spec->flags & CDISK_ATTACH_TEMPORARY);
	if (r < 0) {
		(void)cdisk_fuse_umount(c, a->directory, true, UNDO_MS);
		return r;
	}
	(void)snprintf(a->memory, sizeof(a->memory), "%s", locked ? "locked" : "unlocked");
	if (!locked)
		cdisk_log(c, CDISK_LOG_WARNING,
			"the server's memory for keys cannot be locked: they could reach swap");
	return 0;
}

static int fuse_attach(
	struct cdisk *c, const struct cdisk_attach_spec *spec, struct cdisk_attachment *a)
{
	_cleanup_close_ int run_fd = -1, lock = -1;
	struct cdisk_server s = {.pidfd = -1, .sock = -1};
	char run_path[CDISK_PATH_SIZE];
	int r;

	r = cdisk_run_dir_lock(c, &run_fd, &lock, run_path);
	if (r < 0)
		return r;
	cdisk_stale_sweep(c, run_fd, run_path);
	memset(a, 0, sizeof(*a));
	r = cdisk_instance_claim(c, run_fd, run_path, spec, a);
	if (r < 0)
		return r;
	r = cdisk_server_start(c, &s);
	if (r == 0) {
		attachment_fill(spec, &s, a);
		r = server_mount(c, spec, &s, a);
		if (r < 0)
			cdisk_server_abandon(&s);
	}
	if (r < 0)
		(void)unlinkat(run_fd, a->instance, AT_REMOVEDIR);
	else
		cdisk_log(c, CDISK_LOG_EXPLAIN, "server %d serves %s", s.pid, a->disk);
	return r;
}

/* 1 = the mount of exactly this server is there. */
static int directory_is_served(const struct cdisk_attachment *a)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	const struct cdisk_mount_entry *e;
	struct cdisk_source s;
	int r = cdisk_mountinfo_read(&m);

	if (r < 0)
		return r;
	e = cdisk_mountinfo_at(&m, a->directory);
	return e && cdisk_source_parse(e->source, &s) == 0 && s.pid == a->pid &&
	       s.pid_start == a->pid_start;
}

/* *ret_detached: it was busy, and is out of sight only until its last user goes (lazy, force). */
static int directory_umount(struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags,
	unsigned int wait_ms, bool *ret_detached)
{
	bool lazy = flags & (CDISK_UMOUNT_LAZY | CDISK_UMOUNT_FORCE);
	unsigned int step = flags & CDISK_UMOUNT_FORCE ? FORCE_CALL_MS : FIRST_ANSWER_MS;
	uint64_t end = cdisk_now_ms() + wait_ms + AUTOCLEAR_MS;
	int r;

	*ret_detached = false;
	while ((r = cdisk_fuse_umount(c, a->directory, false, step)) == -EBUSY) {
		if (lazy || cdisk_now_ms() >= end)
			break;
		cdisk_sleep_ms(STEP_MS);
	}
	if (r < 0 && lazy) {
		*ret_detached = true;
		r = cdisk_fuse_umount(c, a->directory, true, step);
	}
	if (r == -EBUSY)
		return cdisk_fail(c, -CDISK_ERR_IN_USE, "%s is in use", a->disk);
	return r < 0 ? cdisk_fail(c, r, "cannot unmount %s: %s", a->directory, strerror(-r)) : 0;
}

/* Flushing, wiping and ending is the server's part; detached it comes when the last user goes. */
static int server_end_wait(
	struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags, bool detached)
{
	_cleanup_close_ int pidfd = -1;
	uint64_t end = cdisk_now_ms() + FLUSH_MS;
	int r = cdisk_process_pidfd(a->pid, a->pid_start, &pidfd);

	if (r < 0)
		return 0;
	if (flags & CDISK_UMOUNT_FORCE) {
		if (cdisk_process_wait(pidfd, LAZY_MS) == 0)
			return 0;
		(void)cdisk_fail(c, -ETIMEDOUT,
			"%s is unmounted, but its killed server, process %d, waits for the "
			"container's medium and cannot end",
			a->disk, a->pid);
		cdisk_hint(c, "the key is in its memory until the medium answers");
		return -ETIMEDOUT;
	}
	if (detached) {
		if (cdisk_process_wait(pidfd, LAZY_MS) == 0)
			return 0;
		return cdisk_fail(c, -CDISK_ERR_PARTIAL,
			"%s is detached, but something still uses it: the key is in memory "
			"until that ends",
			a->disk);
	}
	while ((r = cdisk_process_wait(pidfd, 100)) == -ETIMEDOUT && cdisk_now_ms() < end) {
		int cancelled = cdisk_progress(c, "waiting for the last writes", 0, 0);

		if (cancelled < 0)
			return cancelled;
	}
	return r < 0 ? cdisk_fail(c, r, "the server, process %d, does not end", a->pid) : 0;
}

/* Looked at before anything is done: an unmount under a stopped server would never come back. */
int cdisk_server_stopped_refuse(
	struct cdisk *c, const struct cdisk_attachment *a, const char *what)
{
	if (cdisk_process_look(a->pid, a->pid_start) != CDISK_PROCESS_STOPPED)
		return 0;
	(void)cdisk_fail(c, -ETIMEDOUT, "cannot %s %s: its server, process %d, is stopped", what,
		a->disk, a->pid);
	cdisk_hint(c, "continue it with 'kill -CONT %d', or use umount --force", a->pid);
	return -ETIMEDOUT;
}

static void directory_remove(const char *directory)
{
	_cleanup_free_ char *run = strdup(directory);
	char *slash = run ? strrchr(run, '/') : NULL;

	if (!slash || slash == run)
		return;
	*slash = '\0';
	cdisk_run_dir_remove(run, directory);
}

static int fuse_detach(
	struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags, unsigned int wait_ms)
{
	int served = directory_is_served(a), r;
	bool detached = false;

	if (served < 0)
		return cdisk_fail(c, served, "cannot read mountinfo: %s", strerror(-served));
	if (flags & CDISK_UMOUNT_FORCE)
		r = cdisk_server_kill(c, a, FORCE_KILL_MS);
	else
		r = cdisk_server_stopped_refuse(c, a, "detach");
	/* Killed, and perhaps waiting for its medium: the mount goes all the same. */
	if (r == -ETIMEDOUT && (flags & CDISK_UMOUNT_FORCE))
		r = 0;
	if (r == 0 && served)
		r = directory_umount(c, a, flags, wait_ms, &detached);
	if (r < 0)
		return r;
	cdisk_server_forget(a->instance);
	if (served || (flags & CDISK_UMOUNT_FORCE))
		r = server_end_wait(c, a, flags, detached);
	/* In another user's run directory that user may have put anything in its place. */
	if (a->uid == geteuid())
		directory_remove(a->directory);
	return r;
}

const struct cdisk_backend cdisk_backend_fuse = {
	.name = "fuse",
	.differs = "the disk is a file; root's block device and link come with the mount",
	.probe = fuse_probe,
	.attach = fuse_attach,
	.detach = fuse_detach,
	.resize = cdisk_fuse_resize,
	.trim = cdisk_fuse_trim,
	.lock = cdisk_fuse_lock,
	.resume = cdisk_fuse_resume,
};
