// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/mountpoint.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "backend/mountinfo.h"
#include "backend/server.h"
#include "base/io.h"

#define SUFFIX_MAX 99

static const char *const system_trees[] = {"/etc", "/usr", "/bin", "/sbin", "/lib", "/lib32",
	"/lib64", "/libx32", "/proc", "/sys", "/dev", "/boot"};
static const char *const system_dirs[] = {
	"/", "/home", "/root", "/var", "/run", "/tmp", "/opt", "/srv"};

void cdisk_mountpoint_name(const char *label, const char *fallback, char ret_name[CDISK_NAME_SIZE])
{
	bool digits = true;
	char name[CDISK_NAME_SIZE];
	size_t n = 0;

	/* Room for "vol-" and for a suffix. */
	for (const char *p = label; *p && n < sizeof(name) - 8; p++) {
		unsigned char ch = (unsigned char)*p;
		bool plain = isalnum(ch) || strchr("-_.+@", ch) || ch >= 0x80;

		name[n++] = plain ? (char)ch : '_';
		digits &= isdigit(ch) != 0;
	}
	while (n > 0 && (name[n - 1] == '_' || name[n - 1] == '.'))
		n--;
	name[n] = '\0';
	/* A leading dot hides it, a leading dash looks like an option. */
	if (name[0] == '.' || name[0] == '-')
		name[0] = '_';
	if (n == 0 || strspn(name, "_") == n)
		(void)snprintf(ret_name, CDISK_NAME_SIZE, "%s", fallback);
	else
		(void)snprintf(ret_name, CDISK_NAME_SIZE, "%s%s", digits ? "vol-" : "", name);
}

int cdisk_mountpoint_check_system(struct cdisk *c, const char *path)
{
	bool system = false;

	for (size_t i = 0; i < CDISK_ARRAY_SIZE(system_dirs); i++)
		system |= strcmp(path, system_dirs[i]) == 0;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(system_trees); i++) {
		size_t len = strlen(system_trees[i]);

		system |= strncmp(path, system_trees[i], len) == 0 &&
			  (path[len] == '\0' || path[len] == '/');
	}
	if (!system)
		return 0;
	(void)cdisk_fail(
		c, -EACCES, "%s is a directory of the system: nothing is mounted over it", path);
	cdisk_hint(c, "give a directory of your own, or none");
	return -EACCES;
}

static int fd_real_path(int fd, char *ret_path, size_t size)
{
	char link[CDISK_FD_PATH_MAX];
	ssize_t n;

	cdisk_fd_path(fd, link);
	n = readlink(link, ret_path, size - 1);
	if (n < 0)
		return -errno;
	if ((size_t)n >= size - 1)
		return -ENAMETOOLONG;
	ret_path[n] = '\0';
	return 0;
}

/* ---- a name of our own ---------------------------------------------------------------------- */

/* Opens, or makes, a directory of owner in dir; what stands there must be owner's and private. */
static int folder_open(
	struct cdisk *c, int dir, const char *name, mode_t mode, uid_t owner, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	bool made = mkdirat(dir, name, mode) == 0;

	if (!made && errno != EEXIST)
		return cdisk_fail(c, -errno, "cannot make the directory %s for mounts: %s", name,
			strerror(errno));
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return cdisk_fail(c, -errno, "cannot open the directory %s for mounts: %s", name,
			strerror(errno));
	if (made && fchmod(fd, mode) < 0)
		return cdisk_fail(c, -errno, "cannot set the mode of %s: %s", name, strerror(errno));
	if (made && owner != geteuid()) {
		if (fchown(fd, owner, (gid_t)-1) < 0 || fstat(fd, &st) < 0)
			return cdisk_fail(c, -errno, "cannot give %s to uid %u: %s", name, owner,
				strerror(errno));
	}
	if (st.st_uid != owner || (st.st_mode & 022))
		return cdisk_fail(
			c, -EACCES, "the directory %s for mounts belongs to somebody else", name);
	*ret_fd = cdisk_steal_fd(&fd);
	return 0;
}

/* 1 = made; 0 = the name is taken. */
static int name_claim(
	int dir, const char *dir_path, const char *name, uid_t owner, struct cdisk_mountpoint *mp)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	struct stat st;
	int r, n;

	n = snprintf(mp->path, sizeof(mp->path), "%s/%s", dir_path, name);
	if (n < 0 || (size_t)n >= sizeof(mp->path))
		return -ENAMETOOLONG;
	r = cdisk_mountinfo_read(&m);
	if (r < 0)
		return r;
	if (cdisk_mountinfo_at(&m, mp->path))
		return 0;
	/* Left over from a crash: empty, so it can go; anything else keeps its name. */
	(void)unlinkat(dir, name, AT_REMOVEDIR);
	if (mkdirat(dir, name, 0700) < 0)
		return errno == EEXIST ? 0 : -errno;
	mp->made = true;
	mp->fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (mp->fd < 0 || fstat(mp->fd, &st) < 0)
		return -errno;
	/* In a directory of another user it may have been exchanged since. */
	if (st.st_uid != geteuid())
		return -EACCES;
	if (owner != geteuid() && fchownat(mp->fd, "", owner, (gid_t)-1, AT_EMPTY_PATH) < 0)
		return -errno;
	return 1;
}

static int own_prepare(struct cdisk *c, const struct cdisk_mount *m, const char *label,
	const char *fallback, struct cdisk_mountpoint *mp)
{
	_cleanup_close_ int run = -1, mnt = -1, user = -1;
	uid_t owner = m->owner == UINT32_MAX ? geteuid() : m->owner;
	char name[CDISK_NAME_SIZE], text[CDISK_NAME_SIZE + 16], path[CDISK_PATH_SIZE];
	int r, dir;

	r = cdisk_run_dir_lock(c, &run, &mp->lock, path);
	if (r == 0)
		r = folder_open(c, run, "mnt", geteuid() == 0 ? 0755 : 0700, geteuid(), &mnt);
	if (r == 0 && owner != geteuid()) {
		(void)snprintf(text, sizeof(text), "%u", owner);
		r = folder_open(c, mnt, text, 0700, owner, &user);
	}
	if (r < 0)
		return r;
	dir = user >= 0 ? user : mnt;
	r = fd_real_path(dir, path, sizeof(path));
	if (r < 0)
		return cdisk_fail(
			c, r, "cannot resolve the directory for mounts: %s", strerror(-r));
	cdisk_mountpoint_name(label, fallback, name);
	for (int i = 1; i <= SUFFIX_MAX; i++) {
		if (i == 1)
			(void)snprintf(text, sizeof(text), "%s", name);
		else
			(void)snprintf(text, sizeof(text), "%s-%d", name, i);
		r = name_claim(dir, path, text, owner, mp);
		if (r > 0)
			return 0;
		if (r < 0)
			return cdisk_fail(
				c, r, "cannot make the mount point %s: %s", mp->path, strerror(-r));
	}
	return cdisk_fail(c, -EEXIST, "all names from %s/%s to %s are taken", path, name, text);
}

/* ---- a directory of the caller -------------------------------------------------------------- */

/* Opens a resolved path without following any symlink that was put there since. */
static int resolved_open(const char *path)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/*
 * As root a directory that others can rename or replace would let them choose what is mounted
 * over: every part of the path must be root's, and only root's to write (or sticky).
 */
static int root_path_check(struct cdisk *c, const char *path, bool is_parent)
{
	_cleanup_close_ int dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char copy[CDISK_PATH_SIZE], *rest = copy, *part;
	struct stat st = {0};

	(void)snprintf(copy, sizeof(copy), "%s", path);
	while (dir >= 0 && (part = strsep(&rest, "/"))) {
		int next;

		if (!*part)
			continue;
		next = openat(dir, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(dir);
		dir = next;
		if (dir < 0 || fstat(dir, &st) < 0)
			return cdisk_fail(
				c, -errno, "cannot look at the path %s: %s", path, strerror(errno));
		if (st.st_uid == 0 &&
			(!(st.st_mode & 022) || ((rest || is_parent) && (st.st_mode & S_ISVTX))))
			continue;
		(void)cdisk_fail(c, -EACCES,
			"%s: '%s' in it belongs to a user or can be written by "
			"others, so root does not mount there",
			path, part);
		cdisk_hint(c, "mount it for a user with --owner UID, or let that user mount it");
		return -EACCES;
	}
	return dir < 0 ? cdisk_fail(c, -errno, "cannot open /: %s", strerror(errno)) : 0;
}

static int empty_check(struct cdisk *c, int fd, const char *path)
{
	int list = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *d = NULL;
	struct dirent *e;

	if (list < 0)
		return cdisk_fail(c, -errno, "cannot look into %s: %s", path, strerror(errno));
	d = fdopendir(list);
	if (!d) {
		close(list);
		return cdisk_fail(c, -ENOMEM, "cannot look into %s", path);
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			return cdisk_fail(c, -EEXIST, "the mount point %s is not empty", path);
	return 0;
}

static int directory_check(struct cdisk *c, const struct cdisk_mountpoint *mp)
{
	struct stat st;

	if (fstat(mp->fd, &st) < 0)
		return cdisk_fail(c, -errno, "cannot look at %s: %s", mp->path, strerror(errno));
	if (st.st_uid != geteuid()) {
		(void)cdisk_fail(
			c, -EACCES, "the mount point %s belongs to uid %u", mp->path, st.st_uid);
		cdisk_hint(c,
			geteuid() == 0 ? "mount it for that user with --owner %u"
				       : "give a directory of your own (it is uid %u's)",
			st.st_uid);
		return -EACCES;
	}
	if (geteuid() == 0) {
		int r = root_path_check(c, mp->path, /* is_parent= */ false);

		if (r < 0)
			return r;
	}
	return empty_check(c, mp->fd, mp->path);
}

/* Follows the caller's path once: a resolved path, whose last part need not exist. */
static int path_resolve(const char *given, char *ret_path)
{
	char copy[CDISK_PATH_SIZE], parent[PATH_MAX], *slash;
	size_t len = strlen(given);
	int n;

	if (len == 0)
		return -ENOENT;
	if (len >= sizeof(copy))
		return -ENAMETOOLONG;
	if (realpath(given, ret_path))
		return 0;
	if (errno != ENOENT)
		return -errno;
	memcpy(copy, given, len + 1);
	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = '\0';
	slash = strrchr(copy, '/');
	if (slash)
		*slash = '\0';
	if (!realpath(!slash ? "." : slash == copy ? "/" : copy, parent))
		return -errno;
	n = snprintf(ret_path, CDISK_PATH_SIZE, "%s/%s", strcmp(parent, "/") == 0 ? "" : parent,
		slash ? slash + 1 : copy);
	return n < 0 || n >= CDISK_PATH_SIZE ? -ENAMETOOLONG : 0;
}

/*
 * As root nothing is made, and nothing removed after a failure, in a directory that a user can put
 * a symlink in the place of.
 */
static int directory_make(struct cdisk *c, struct cdisk_mountpoint *mp)
{
	char parent[CDISK_PATH_SIZE], *slash;
	struct stat st;
	int r;

	if (lstat(mp->path, &st) == 0)
		return 0;
	memcpy(parent, mp->path, sizeof(parent));
	slash = strrchr(parent, '/');
	if (slash)
		*slash = '\0';
	if (geteuid() == 0) {
		r = root_path_check(c, parent, /* is_parent= */ true);
		if (r < 0)
			return r;
	}
	mp->made = mkdir(mp->path, 0700) == 0;
	if (!mp->made && errno != EEXIST)
		return cdisk_fail(
			c, -errno, "cannot make the mount point %s: %s", mp->path, strerror(errno));
	return 0;
}

/* 1 = ready; 0 = something is mounted there. */
static int directory_take(struct cdisk *c, struct cdisk_mountpoint *mp)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	int r = cdisk_mountinfo_read(&m);

	if (r < 0)
		return cdisk_fail(c, r, "cannot read mountinfo: %s", strerror(-r));
	if (cdisk_mountinfo_at(&m, mp->path))
		return 0;
	r = directory_make(c, mp);
	if (r < 0)
		return r;
	mp->fd = resolved_open(mp->path);
	if (mp->fd < 0) {
		r = mp->fd;
		return cdisk_fail(
			c, r, "the mount point %s is no directory: %s", mp->path, strerror(-r));
	}
	r = directory_check(c, mp);
	return r < 0 ? r : 1;
}

static int given_prepare(struct cdisk *c, const struct cdisk_mount *m, struct cdisk_mountpoint *mp)
{
	char base[CDISK_PATH_SIZE];
	int r = path_resolve(m->mountpoint, base);

	if (r < 0)
		return cdisk_fail(
			c, r, "cannot use the mount point %s: %s", m->mountpoint, strerror(-r));
	r = cdisk_mountpoint_check_system(c, base);
	for (int i = 1; r == 0 && i <= SUFFIX_MAX; i++) {
		int n = i == 1 ? snprintf(mp->path, sizeof(mp->path), "%s", base)
			       : snprintf(mp->path, sizeof(mp->path), "%s-%d", base, i);

		if (n < 0 || (size_t)n >= sizeof(mp->path))
			return cdisk_fail(
				c, -ENAMETOOLONG, "the path of the mount point is too long");
		r = directory_take(c, mp);
		if (r == 0 && (m->flags & CDISK_MOUNT_STRICT))
			return cdisk_fail(c, -EEXIST, "something is mounted at %s already", base);
		if (r > 0)
			return 0;
	}
	return r < 0 ? r : cdisk_fail(c, -EEXIST, "something is mounted at %s already", base);
}

int cdisk_mountpoint_prepare(struct cdisk *c, const struct cdisk_mount *m, const char *label,
	const char *fallback, struct cdisk_mountpoint *ret)
{
	struct cdisk_mountpoint mp = {.fd = -1, .lock = -1};
	int r;

	if (m->owner != UINT32_MAX && m->owner != geteuid() && geteuid() != 0)
		return cdisk_fail(c, -EPERM, "only root mounts for another user");
	if (m->mountpoint && m->owner != UINT32_MAX && m->owner != geteuid())
		return cdisk_fail(c, -EINVAL,
			"a mount for another user has its own place: give "
			"either an owner or a mount point");
	r = m->mountpoint ? given_prepare(c, m, &mp) : own_prepare(c, m, label, fallback, &mp);
	if (r < 0) {
		cdisk_mountpoint_done(&mp, false);
		return r;
	}
	*ret = mp;
	return 0;
}

void cdisk_mountpoint_done(struct cdisk_mountpoint *mp, bool keep)
{
	cdisk_close(&mp->fd);
	if (mp->made && !keep)
		(void)rmdir(mp->path);
	cdisk_close(&mp->lock);
}

void cdisk_mountpoint_remove(struct cdisk *c, const char *path)
{
	_cleanup_close_ int run = open(c->run_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char base[CDISK_PATH_SIZE];
	size_t len;

	if (run < 0 || fd_real_path(run, base, sizeof(base) - sizeof("/mnt/")) < 0)
		return;
	len = strlen(base);
	memcpy(base + len, "/mnt/", sizeof("/mnt/"));
	if (strncmp(path, base, len + 5) != 0)
		return;
	base[len] = '\0';
	cdisk_run_dir_remove(base, path);
}
