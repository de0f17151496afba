// SPDX-License-Identifier: GPL-2.0-or-later
#include "definitions.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "cli.h"
#include "config.h"
#include "message.h"

#define GLOBAL_BASE "/etc/cryptdisk"
#define FOLDER "volumes.d"
#define SUFFIX ".conf"

static void cleanup_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

#define _cleanup_fd_ __attribute__((cleanup(cleanup_fd)))

static int failed(struct cli *cli, const char *path, int r, const char *what)
{
	(void)cli_fail(cli, r, "cannot %s: %s", what, strerror(-r));
	cli_object(cli, path);
	return r;
}

/* Root never believes XDG_* or HOME; without a home there is no such folder: -ENOENT. */
static int base_path(bool global, char ret_path[CDISK_PATH_SIZE])
{
	int r;

	if (!global && geteuid() == 0)
		return -ENOENT;
	if (!global) {
		r = config_user_folder("XDG_CONFIG_HOME", ".config", ret_path);
		/* With what is put behind it. */
		return r == 0 && strlen(ret_path) >= CDISK_PATH_SIZE - 256 ? -ENAMETOOLONG : r;
	}
	(void)snprintf(ret_path, CDISK_PATH_SIZE, GLOBAL_BASE);
	return 0;
}

/* -EPERM: somebody else could have written it. */
static int trust_check(struct cli *cli, const char *path, const struct stat *st, bool global)
{
	const char *why = NULL;

	if (st->st_uid != 0 && (global || st->st_uid != geteuid()))
		why = global ? "does not belong to root" : "belongs to somebody else";
	else if (st->st_mode & 022)
		why = "can be written by others";
	if (!why)
		return 0;
	(void)cli_fail(cli, -EPERM, "%s, and so it is not believed", why);
	cli_object(cli, path);
	return -EPERM;
}

/* A folder at (dir, name), where path is the whole of it for messages. make = 0700 or 0755. */
static int folder_at(struct cli *cli, int dir, const char *name, const char *path, bool global,
	bool make, int *ret_fd)
{
	bool made = false;
	struct stat st;
	int fd, r;

	if (make) {
		made = mkdirat(dir, name, 0700) == 0;
		if (!made && errno != EEXIST)
			return failed(cli, path, -errno, "make it");
	}
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ENOENT : failed(cli, path, -errno, "open it");
	/* Everybody finds what is defined for everybody, whatever root's umask is. */
	if (made && global && fchmod(fd, 0755) < 0)
		r = failed(cli, path, -errno, "let others read it");
	else
		r = fstat(fd, &st) < 0 ? failed(cli, path, -errno, "look at it")
				       : trust_check(cli, path, &st, global);
	if (r < 0)
		(void)close(fd);
	else
		*ret_fd = fd;
	return r;
}

/* What is above a user's base may be missing on a new account: ~/.config. */
static int parents_make(struct cli *cli, const char *base)
{
	char parent[CDISK_PATH_SIZE], *slash;

	(void)snprintf(parent, sizeof(parent), "%s", base);
	for (slash = strchr(parent + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(parent, 0700) < 0 && errno != EEXIST && access(parent, F_OK) < 0)
			return failed(cli, parent, -errno, "make it");
		*slash = '/';
	}
	return 0;
}

/* -ENOENT without a word when it is not there. ret_path: of the folder. */
static int folder_open(
	struct cli *cli, bool global, bool make, char ret_path[CDISK_PATH_SIZE], int *ret_fd)
{
	_cleanup_fd_ int base = -1;
	char path[CDISK_PATH_SIZE];
	int r = base_path(global, path);

	if (r == -ENAMETOOLONG)
		return cli_fail(cli, r, "the path of your definitions is too long");
	if (r == -ENOENT && make)
		return cli_fail(cli, r, "you have no home directory for definitions");
	if (r == 0 && make)
		r = parents_make(cli, path);
	if (r < 0)
		return r;
	r = folder_at(cli, AT_FDCWD, path, path, global, make, &base);
	if (r < 0)
		return r;
	(void)snprintf(ret_path, CDISK_PATH_SIZE, "%.*s/" FOLDER, CDISK_PATH_SIZE - 16, path);
	return folder_at(cli, base, FOLDER, ret_path, global, make, ret_fd);
}

static int file_read(struct cli *cli, int dir, const char *file, bool global, struct definition *d)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	_cleanup_fd_ int fd = (int)syscall(SYS_openat2, dir, file, &how, sizeof(how));
	_cleanup_free_ char *text = malloc(DEFINITION_MAX + 1);
	struct stat st;
	size_t size = 0;
	ssize_t n;
	int r;

	if (fd < 0)
		return errno == ENOENT ? 1 : failed(cli, d->path, -errno, "open it");
	if (!text)
		return cli_fail(cli, -ENOMEM, "out of memory");
	if (fstat(fd, &st) < 0)
		return failed(cli, d->path, -errno, "look at it");
	if (!S_ISREG(st.st_mode))
		return failed(cli, d->path, -EINVAL, "read it as a regular file");
	r = trust_check(cli, d->path, &st, global);
	while (r == 0 && size <= DEFINITION_MAX) {
		n = read(fd, text + size, DEFINITION_MAX + 1 - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = failed(cli, d->path, -errno, "read it");
		if (n <= 0)
			break;
		size += (size_t)n;
	}
	return r < 0 ? r : definition_parse(cli, text, size, d);
}

int definition_name_check(struct cli *cli, const char *name)
{
	if (definition_name_is_good(name))
		return 0;
	(void)cli_fail(cli, -EINVAL, "is no name for a definition");
	cli_object(cli, name);
	cli_hint(cli, "up to 63 letters, digits, '-', '_' and '.', a letter or digit first");
	return -EINVAL;
}

/* *d for NAME in the folder at path, without its keys. */
static void begin(struct definition *d, bool global, const char *path, const char *name)
{
	memset(d, 0, sizeof(*d));
	d->scope = global ? "global" : "user";
	(void)snprintf(d->name, sizeof(d->name), "%s", name);
	(void)snprintf(
		d->path, sizeof(d->path), "%.*s/%s" SUFFIX, CDISK_PATH_SIZE - 80, path, name);
}

/* In the folder that is open as dir. */
static int find_at(struct cli *cli, int dir, const char *path, bool global, const char *name,
	struct definition *ret)
{
	char file[CDISK_NAME_SIZE + sizeof(SUFFIX)];

	begin(ret, global, path, name);
	(void)snprintf(file, sizeof(file), "%s" SUFFIX, name);
	return file_read(cli, dir, file, global, ret);
}

int definition_find_in(struct cli *cli, bool global, const char *name, struct definition *ret)
{
	_cleanup_fd_ int dir = -1;
	char path[CDISK_PATH_SIZE];
	int r = folder_open(cli, global, false, path, &dir);

	if (r < 0)
		return r == -ENOENT ? 1 : r;
	return find_at(cli, dir, path, global, name, ret);
}

/* A word may mean many things: a folder that cannot be used has no definitions, and that is said.
 */
static int look_in(struct cli *cli, bool global, const char *name, struct definition *ret)
{
	_cleanup_fd_ int dir = -1;
	char path[CDISK_PATH_SIZE];
	int r = folder_open(cli, global, false, path, &dir);

	if (r == 0)
		return find_at(cli, dir, path, global, name, ret);
	if (r == -EPERM)
		message_warning(cli, "%s: %s", cli->failure.object, cli->failure.message);
	else if (r != -ENOENT)
		message_explain(
			cli, "definitions: %s: %s", cli->failure.object, cli->failure.message);
	memset(&cli->failure, 0, sizeof(cli->failure));
	return 1;
}

int definition_find(struct cli *cli, const char *name, struct definition *ret)
{
	int r;

	if (!definition_name_is_good(name))
		return 1;
	r = geteuid() == 0 ? 1 : look_in(cli, false, name, ret);
	return r == 1 ? look_in(cli, true, name, ret) : r;
}

/* ---- changing ---------------------------------------------------------------------------- */

static int file_write(int dir, const char *file, const char *text)
{
	_cleanup_fd_ int fd =
		openat(dir, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	size_t len = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	while (len > 0) {
		n = write(fd, text, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* Everybody may read what is defined for everybody. */
static int file_place(int dir, const char *fresh, const char *file, bool global, bool replace)
{
	if (global && fchmodat(dir, fresh, 0644, 0) < 0)
		return -errno;
	if (renameat2(dir, fresh, dir, file, replace ? 0 : RENAME_NOREPLACE) < 0) {
		if (replace || (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP))
			return -errno;
		/* A filesystem without that flag (fuse2fs, NFS) has hard links. */
		if (linkat(dir, fresh, dir, file, 0) < 0)
			return -errno;
		(void)unlinkat(dir, fresh, 0);
	}
	return fsync(dir) < 0 ? -errno : 0;
}

/* What could not be read again is not written. */
static int text_check(struct cli *cli, const struct definition *d, const char *text)
{
	_cleanup_free_ struct definition *again = malloc(sizeof(*again));
	_cleanup_free_ char *second = NULL;
	int r;

	if (!text || !again)
		return cli_fail(cli, -ENOMEM, "out of memory");
	*again = *d;
	memset(again->file, 0, sizeof(*again) - offsetof(struct definition, file));
	r = definition_parse(cli, text, strlen(text), again);
	if (r == -ENOMEM)
		return r;
	second = r == 0 ? definition_format(again) : NULL;
	if (second && strcmp(text, second) == 0)
		return 0;
	(void)cli_fail(cli, -EINVAL, "is text that a definition cannot hold (is it UTF-8?)");
	cli_object(cli, d->file);
	return -EINVAL;
}

int definition_write(struct cli *cli, bool global, bool replace, struct definition *d)
{
	_cleanup_fd_ int dir = -1;
	_cleanup_free_ char *text = definition_format(d);
	char path[CDISK_PATH_SIZE], file[CDISK_NAME_SIZE + sizeof(SUFFIX)];
	char fresh[CDISK_NAME_SIZE + 8];
	int r = definition_name_check(cli, d->name);

	if (r == 0)
		r = text_check(cli, d, text);
	if (r == 0)
		r = folder_open(cli, global, true, path, &dir);
	if (r < 0)
		return r;
	d->scope = global ? "global" : "user";
	(void)snprintf(
		d->path, sizeof(d->path), "%.*s/%s" SUFFIX, CDISK_PATH_SIZE - 80, path, d->name);
	(void)snprintf(file, sizeof(file), "%s" SUFFIX, d->name);
	(void)snprintf(fresh, sizeof(fresh), ".%s.new", d->name);
	/* One at a time, so what lies there is of one that was killed. */
	if (flock(dir, LOCK_EX) < 0)
		return failed(cli, path, -errno, "lock it");
	(void)unlinkat(dir, fresh, 0);
	r = file_write(dir, fresh, text);
	if (r == 0)
		r = file_place(dir, fresh, file, global, replace);
	if (r < 0) {
		(void)unlinkat(dir, fresh, 0);
		return failed(cli, d->path, r, "write it");
	}
	return 0;
}

int definition_remove(
	struct cli *cli, bool global, const char *name, char ret_path[CDISK_PATH_SIZE])
{
	_cleanup_fd_ int dir = -1;
	char path[CDISK_PATH_SIZE], file[CDISK_NAME_SIZE + sizeof(SUFFIX)];
	int r = definition_name_check(cli, name);

	if (r == 0)
		r = folder_open(cli, global, false, path, &dir);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	(void)snprintf(
		ret_path, CDISK_PATH_SIZE, "%.*s/%s" SUFFIX, CDISK_PATH_SIZE - 80, path, name);
	(void)snprintf(file, sizeof(file), "%s" SUFFIX, name);
	if (unlinkat(dir, file, 0) < 0)
		return errno == ENOENT ? 0 : failed(cli, ret_path, -errno, "remove it");
	return fsync(dir) < 0 ? failed(cli, path, -errno, "sync it") : 1;
}
