// SPDX-License-Identifier: GPL-2.0-or-later
/* The directory of attachments, and the one directory in it that a volume gets. */
#include "backend/server.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include "backend/child.h"
#include "backend/mapping.h"
#include "base/io.h"

#define COPIES_MAX 99
#define LOCK_NAME ".lock"
#define LOCK_MS 120000 /* above all that is done under it: a mount by a filesystem server */
#define LOCK_STEP_MS 10
#define REMOVE_MS 1000

/* Root's is passed through by those a mount in it is for; its attachments are private all the same.
 */
static mode_t run_dir_mode(void)
{
	return geteuid() == 0 ? 0755 : 0700;
}

/* The mode is what was asked for under any umask: 0 made, or -errno, -EEXIST too. */
int cdisk_run_dir_make(const char *path)
{
	if (mkdir(path, run_dir_mode()) < 0)
		return -errno;
	return chmod(path, run_dir_mode()) < 0 ? -errno : 0;
}

static int parents_make(const char *path)
{
	char copy[CDISK_PATH_SIZE];
	int r;

	if (strlen(path) >= sizeof(copy))
		return -ENAMETOOLONG;
	memcpy(copy, path, strlen(path) + 1);
	for (char *p = strchr(copy + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		r = cdisk_run_dir_make(copy);
		if (r < 0 && r != -EEXIST)
			return r;
		*p = '/';
	}
	r = cdisk_run_dir_make(copy);
	return r == -EEXIST ? 0 : r;
}

/* Somebody else may have made a directory of this name in /tmp before us. */
static int run_dir_check(struct cdisk *c, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return cdisk_fail(c, -errno, "cannot look at %s: %s", c->run_dir, strerror(errno));
	if (st.st_uid == geteuid() && (st.st_mode & 022) == 0)
		return 0;
	(void)cdisk_fail(
		c, -EACCES, "%s belongs to somebody else or others may write to it", c->run_dir);
	cdisk_hint(c, "remove it, or set XDG_RUNTIME_DIR to a directory of your own");
	return -EACCES;
}

/*
 * The lock is a file that nobody else can open: whoever may read a directory may lock it, and
 * root's can be read by everybody.
 */
static int lock_open(int dir)
{
	_cleanup_close_ int fd = openat(
		dir, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return -EACCES;
	return cdisk_steal_fd(&fd);
}

/* byte < 0: the whole file by flock(2); else one byte of it, which is a lock of its own. */
static int lock_try(int lock, off_t byte)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
	int r = byte < 0 ? flock(lock, LOCK_EX | LOCK_NB) : fcntl(lock, F_OFD_SETLK, &range);

	if (r == 0)
		return 0;
	return errno == EWOULDBLOCK || errno == EINTR || errno == EACCES ? -EAGAIN : -errno;
}

/* A program that was stopped, or hangs, while it holds the lock must not hang all others. */
static int lock_wait(struct cdisk *c, int lock, off_t byte)
{
	uint64_t end = cdisk_now_ms() + LOCK_MS;
	int r;

	while ((r = lock_try(lock, byte)) < 0) {
		if (r != -EAGAIN)
			return cdisk_fail(c, r, "cannot lock %s: %s", c->run_dir, strerror(-r));
		if (cdisk_now_ms() >= end) {
			(void)cdisk_fail(c, -ETIMEDOUT,
				"another program has held %s/" LOCK_NAME " locked for %d s",
				c->run_dir, LOCK_MS / 1000);
			cdisk_hint(c, "look for a cryptdisk that is stopped or hangs, and end it");
			return -ETIMEDOUT;
		}
		r = cdisk_progress(c, "waiting for another cryptdisk", 0, 0);
		if (r < 0)
			return r;
		cdisk_sleep_ms(LOCK_STEP_MS);
	}
	return 0;
}

/* The directory, made where it is missing and checked, and its lock file, not locked yet. */
static int run_dir_open(struct cdisk *c, int *ret_dir, int *ret_lock)
{
	_cleanup_close_ int fd = -1, lock = -1;
	int r = c->run_dir ? parents_make(c->run_dir) : -EINVAL;

	if (r < 0)
		return cdisk_fail(c, r, "cannot make the directory %s: %s",
			c->run_dir ? c->run_dir : "for attachments", strerror(-r));
	fd = open(c->run_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return cdisk_fail(c, -errno, "cannot open %s: %s", c->run_dir, strerror(errno));
	r = run_dir_check(c, fd);
	if (r < 0)
		return r;
	lock = lock_open(fd);
	if (lock < 0)
		return cdisk_fail(
			c, lock, "cannot open %s/" LOCK_NAME ": %s", c->run_dir, strerror(-lock));
	*ret_dir = cdisk_steal_fd(&fd);
	*ret_lock = cdisk_steal_fd(&lock);
	return 0;
}

int cdisk_run_dir_lock(struct cdisk *c, int *ret_dir, int *ret_lock, char ret_path[CDISK_PATH_SIZE])
{
	_cleanup_close_ int fd = -1, lock = -1;
	char link[CDISK_FD_PATH_MAX];
	ssize_t n;
	int r = run_dir_open(c, &fd, &lock);

	if (r == 0)
		r = lock_wait(c, lock, -1);
	if (r < 0)
		return r;
	/* As the kernel will show it in mountinfo and sysfs. */
	cdisk_fd_path(fd, link);
	n = readlink(link, ret_path, CDISK_PATH_SIZE - 1);
	if (n < 0)
		return cdisk_fail(c, -errno, "cannot resolve %s: %s", c->run_dir, strerror(errno));
	ret_path[n] = '\0';
	*ret_dir = cdisk_steal_fd(&fd);
	*ret_lock = cdisk_steal_fd(&lock);
	return 0;
}

int cdisk_run_dir_lock_byte(struct cdisk *c, uint32_t byte, int *ret_lock)
{
	_cleanup_close_ int fd = -1, lock = -1;
	int r = run_dir_open(c, &fd, &lock);

	if (r == 0)
		r = lock_wait(c, lock, (off_t)byte);
	if (r == 0)
		*ret_lock = cdisk_steal_fd(&lock);
	return r;
}

void cdisk_run_dir_remove(const char *run, const char *path)
{
	_cleanup_close_ int fd = open(run, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_close_ int lock = fd < 0 ? -1 : lock_open(fd);
	uint64_t end = cdisk_now_ms() + REMOVE_MS;

	/* Not between another program's mkdir and its mount; what is mounted cannot be removed. */
	while (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0) {
		/* Left empty, it is cleaned up by the next that wants the name. */
		if (cdisk_now_ms() >= end)
			return;
		cdisk_sleep_ms(5);
	}
	if (lock >= 0)
		(void)rmdir(path);
}

/* What to do with a name that a living server has: 0 = try the next name. */
static int occupied(struct cdisk *c, const struct cdisk_attach_spec *spec,
	const struct cdisk_source *s, const char *directory)
{
	struct stat st;
	bool same = fstat(spec->fd, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino;
	bool read_only = spec->description->read_only || (spec->flags & CDISK_ATTACH_READONLY);

	if (spec->flags & CDISK_ATTACH_COPY || (same && read_only))
		return 0;
	if (same)
		return cdisk_fail(
			c, -CDISK_ERR_LOCKED, "the container is attached already at %s", directory);
	(void)cdisk_fail(c, -EEXIST, "another container with the volume ID %s is attached at %s",
		s->id, directory);
	cdisk_hint(c, "it is a copy of this one; detach it first, or ask for a second copy");
	return -EEXIST;
}

int cdisk_instance_free(struct cdisk *c, const char *run_path, const struct cdisk_attach_spec *spec,
	const char *instance)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	char directory[CDISK_PATH_SIZE + 64];
	const struct cdisk_mount_entry *e;
	struct cdisk_source s;
	int r = cdisk_mountinfo_read(&m);

	if (r < 0)
		return cdisk_fail(c, r, "cannot read mountinfo: %s", strerror(-r));
	(void)snprintf(directory, sizeof(directory), "%s/%s", run_path, instance);
	e = cdisk_mountinfo_at(&m, directory);
	if (!e || strcmp(e->type, "fuse.cryptdisk") != 0 || cdisk_source_parse(e->source, &s) < 0)
		return 1;
	return occupied(c, spec, &s, directory);
}

/* 1 = the directory is ours now, 0 = taken by a living server and another may be used. */
static int directory_claim(struct cdisk *c, int run_fd, const struct cdisk_attach_spec *spec,
	const char *name, const char *directory)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	const struct cdisk_mount_entry *e;
	struct cdisk_source s;
	int r;

	if (mkdirat(run_fd, name, 0700) == 0)
		return 1;
	if (errno != EEXIST)
		return cdisk_fail(
			c, -errno, "cannot make the directory %s: %s", directory, strerror(errno));
	r = cdisk_mountinfo_read(&m);
	if (r < 0)
		return cdisk_fail(c, r, "cannot read mountinfo: %s", strerror(-r));
	e = cdisk_mountinfo_at(&m, directory);
	if (e) {
		if (strcmp(e->type, "fuse.cryptdisk") != 0 || cdisk_source_parse(e->source, &s) < 0)
			return cdisk_fail(c, -EEXIST, "something else is mounted at %s", directory);
		if (!cdisk_server_gone(&s, directory))
			return occupied(c, spec, &s, directory);
		r = cdisk_stale_clean(c, &m, directory);
		if (r < 0)
			return cdisk_fail(c, r, "cannot clean up %s after a killed server: %s",
				directory, strerror(-r));
	}
	/* A leftover is empty: with anything inside it is not one of ours. */
	if (unlinkat(run_fd, name, AT_REMOVEDIR) < 0 || mkdirat(run_fd, name, 0700) < 0)
		return cdisk_fail(c, -EEXIST, "%s is in the way: %s", directory, strerror(errno));
	return 1;
}

int cdisk_instance_claim(struct cdisk *c, int run_fd, const char *run_path,
	const struct cdisk_attach_spec *spec, struct cdisk_attachment *a)
{
	const char *id = spec->description->id;

	for (int copy = 1; copy <= COPIES_MAX; copy++) {
		int n, r;

		if (copy == 1)
			(void)snprintf(a->instance, sizeof(a->instance), "%s", id);
		else
			(void)snprintf(a->instance, sizeof(a->instance), "%s-%d", id, copy);
		n = snprintf(a->directory, sizeof(a->directory), "%s/%s", run_path, a->instance);
		if (n < 0 || (size_t)n + sizeof("/control") > sizeof(a->directory))
			return cdisk_fail(c, -ENAMETOOLONG, "the path %s is too long", run_path);
		r = cdisk_mapping_claim(c, spec, a->instance);
		if (r > 0)
			r = directory_claim(c, run_fd, spec, a->instance, a->directory);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return cdisk_fail(
		c, -EEXIST, "%d copies of volume %s are attached already", COPIES_MAX, id);
}
