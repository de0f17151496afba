// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/header_write.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/io.h"
#include "format/guard_place.h"
#include "format/luks_map.h"

#define STEP (64u * 1024)
#define KEPT_MAX 99 /* kept copies of one generation (LUKS1 has none) */

static bool all_zero(const uint8_t *p, size_t size)
{
	return p[0] == 0 && memcmp(p, p + 1, size - 1) == 0;
}

/* Copies size bytes; zeros become holes, so that 16 MiB of mostly nothing cost nothing. */
static int copy_image(int image, int fd, uint64_t size)
{
	_cleanup_free_ uint8_t *buf = malloc(STEP);
	uint64_t at;
	int r = 0;

	if (!buf)
		return -ENOMEM;
	if (ftruncate(fd, (off_t)size) < 0)
		return -errno;
	for (at = 0; at < size && r == 0; at += STEP) {
		size_t n = size - at < STEP ? (size_t)(size - at) : STEP;

		r = cdisk_pread_full(image, buf, n, at);
		if (r == 0 && !all_zero(buf, n))
			r = cdisk_pwrite_full(fd, buf, n, at);
	}
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	return r;
}

static int overwrite(int fd, uint64_t size)
{
	_cleanup_free_ uint8_t *buf = malloc(STEP);
	uint64_t at;
	int r = 0;

	if (!buf)
		return -ENOMEM;
	for (at = 0; at < size && r == 0; at += STEP) {
		size_t n = size - at < STEP ? (size_t)(size - at) : STEP;

		r = cdisk_pread_full(fd, buf, n, at);
		if (r < 0 || all_zero(buf, n))
			continue;
		memset(buf, 0, n);
		r = cdisk_pwrite_full(fd, buf, n, at);
	}
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	return r;
}

/* Overwrites a copy, so that its material is gone where the filesystem writes in place. */
static int wipe_at(int dir_fd, const char *name)
{
	_cleanup_close_ int fd = openat(dir_fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	/* In a directory of many users somebody may have put something else there. */
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)
		return -EEXIST;
	return overwrite(fd, (uint64_t)st.st_size);
}

/* Some filesystems cannot sync a directory; they say EINVAL and need not. */
static int sync_dir(int dir_fd)
{
	return fsync(dir_fd) < 0 && errno != EINVAL ? -errno : 0;
}

static int remove_at(int dir_fd, const char *name)
{
	int r = wipe_at(dir_fd, name);

	if (r < 0)
		return r;
	return unlinkat(dir_fd, name, 0) < 0 ? -errno : 0;
}

static int write_at(int dir_fd, const char *name, int image, uint64_t size)
{
	_cleanup_close_ int fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return -errno;
	r = fchmod(fd, 0600) < 0 ? -errno : copy_image(image, fd, size);
	if (r < 0)
		(void)unlinkat(dir_fd, name, 0);
	return r;
}

/*
 * The copy gets its name when it is whole. What a broken-off change left under these names is
 * overwritten only when the new copy is safe.
 */
static int make_at(const struct cdisk_guard_place *place, const char *id, int image, uint64_t size,
		   char name[NAME_MAX + 1])
{
	char fresh[NAME_MAX + 1];
	int r;

	cdisk_guard_name(place, id, name);
	(void)snprintf(fresh, sizeof(fresh), ".%.180s.header-%s.new", place->name, id);
	r = remove_at(place->dir_fd, fresh);
	if (r < 0 && r != -ENOENT)
		return r;
	r = write_at(place->dir_fd, fresh, image, size);
	if (r < 0)
		return r;
	r = wipe_at(place->dir_fd, name);
	if (r == -ENOENT)
		r = 0;
	if (r == 0 && renameat(place->dir_fd, fresh, place->dir_fd, name) < 0)
		r = -errno;
	if (r == 0) {
		r = sync_dir(place->dir_fd);
		if (r < 0)
			(void)remove_at(place->dir_fd, name);
	} else {
		(void)remove_at(place->dir_fd, fresh);
	}
	return r;
}

static int path_of(struct cdisk *c, const struct cdisk_guard_place *place, const char *name,
		   char **ret_path)
{
	const char *slash = strcmp(place->dir, "/") == 0 ? "" : "/";

	if (asprintf(ret_path, "%s%s%s", place->dir, slash, name) < 0)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	return 0;
}

int cdisk_guard_make(struct cdisk *c, const struct cdisk_info *info, int image, uint64_t size,
		     char **ret_path)
{
	int r[CDISK_GUARD_PLACES];
	enum cdisk_guard_where where;

	for (where = CDISK_GUARD_BESIDE; where < CDISK_GUARD_PLACES; where++) {
		CDISK_CLEANUP(cdisk_guard_place_done)
		struct cdisk_guard_place place = {.dir_fd = -1};
		char name[NAME_MAX + 1];

		r[where] = cdisk_guard_place(c, info, where, /* make= */ true, &place);
		if (r[where] == 0)
			r[where] = make_at(&place, info->id, image, size, name);
		if (r[where] == 0)
			return path_of(c, &place, name, ret_path);
	}
	(void)cdisk_fail(c, -EACCES,
			 "no copy of the header can be written beside the container (%s) or in the "
			 "state directory (%s), so the header was not changed",
			 strerror(-r[CDISK_GUARD_BESIDE]), strerror(-r[CDISK_GUARD_STATE]));
	cdisk_object(c, info->header_path[0] ? info->header_path : info->path);
	cdisk_hint(c, "make one of these directories writable and repeat");
	return -EACCES;
}

/* Opens the directory of a path that cdisk_guard_make() returned. */
static int parent_open(const char *path, int *ret_fd, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int fd;

	if (!slash || (size_t)(slash - path) >= sizeof(dir))
		return -EINVAL;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	fd = open(slash == path ? "/" : dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	*ret_name = slash + 1;
	return 0;
}

/* The generation of the copy itself: the container has another one by now. */
static uint64_t generation_of(int dir_fd, const char *name)
{
	_cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct cdisk_luks_map map = {0};
	uint64_t size = 0;

	if (fd < 0 || cdisk_fd_size(fd, &size) < 0 || cdisk_luks_map(fd, size, &map) < 0)
		return 0;
	return map.seqid;
}

/* A new name that nobody has: "-2", "-3" ... is added where a generation has copies already. */
static int keep_at(int dir_fd, const char *name, const struct cdisk_guard_place *place,
		   const char *id, char kept[NAME_MAX + 1])
{
	unsigned long long generation = generation_of(dir_fd, name);
	int i, n;

	for (i = 1; i <= KEPT_MAX; i++) {
		n = snprintf(kept, NAME_MAX + 1, "%.180s.header-%s-%llu", place->name, id,
			     generation);
		if (i > 1)
			(void)snprintf(kept + n, (size_t)(NAME_MAX + 1 - n), "-%d", i);
		if (linkat(dir_fd, name, dir_fd, kept, 0) == 0)
			return unlinkat(dir_fd, name, 0) < 0 ? -errno : 0;
		/* A filesystem without links: the name may be taken only in between. */
		if (errno == EPERM || errno == EOPNOTSUPP) {
			if (faccessat(dir_fd, kept, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
				return renameat(dir_fd, name, dir_fd, kept) < 0 ? -errno : 0;
		} else if (errno != EEXIST) {
			return -errno;
		}
	}
	return -EEXIST;
}

int cdisk_guard_keep(struct cdisk *c, const struct cdisk_info *info, const char *guard,
		     char **ret_path)
{
	CDISK_CLEANUP(cdisk_guard_place_done) struct cdisk_guard_place place = {.dir_fd = -1};
	_cleanup_close_ int dir_fd = -1;
	char kept[NAME_MAX + 1];
	const char *name;
	char *path;
	int r;

	r = parent_open(guard, &dir_fd, &name);
	if (r == 0)
		r = cdisk_guard_place(c, info, CDISK_GUARD_BESIDE, /* make= */ false, &place);
	if (r == -ENOTSUP || r == -ENOENT)
		r = cdisk_guard_place(c, info, CDISK_GUARD_STATE, /* make= */ false, &place);
	if (r == 0)
		r = keep_at(dir_fd, name, &place, info->id, kept);
	if (r == 0)
		r = sync_dir(dir_fd);
	if (r < 0)
		return cdisk_fail(c, r, "cannot rename %s: %s", guard, strerror(-r));
	if (asprintf(&path, "%.*s%s", (int)(name - guard), guard, kept) < 0)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	*ret_path = path;
	return 0;
}

int cdisk_guard_remove(struct cdisk *c, const char *guard)
{
	_cleanup_close_ int dir_fd = -1;
	const char *name;
	int r;

	r = parent_open(guard, &dir_fd, &name);
	if (r == 0)
		r = remove_at(dir_fd, name);
	if (r == 0)
		r = sync_dir(dir_fd);
	if (r < 0)
		return cdisk_fail(c, r, "cannot remove %s: %s", guard, strerror(-r));
	return 0;
}
