// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/header_write.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/io.h"
#include "format/guard_place.h"

struct found {
	char **paths; /* NULL-terminated */
	int count;
};

static void found_done(struct found *f)
{
	int i;

	for (i = 0; i < f->count; i++)
		free(f->paths[i]);
	free(f->paths);
}

/* "NAME.header-ID", then nothing, ".new" or numbers; NAME may be the one before a renaming. */
static bool name_matches(const char *name, const char *id)
{
	char mark[16 + CDISK_ID_SIZE];
	const char *at;

	(void)snprintf(mark, sizeof(mark), ".header-%s", id);
	at = strstr(name, mark);
	if (!at)
		return false;
	at += strlen(mark);
	return strcmp(at, ".new") == 0 || strspn(at, "-0123456789") == strlen(at);
}

static bool same_file(const struct stat *a, const char *path)
{
	struct stat b;

	return path[0] && stat(path, &b) == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

/*
 * A name is no proof, and 'header backup' takes any: the file must have a header of this volume, and
 * without a name of ours it must be no larger than a header, and not the one in use.
 */
static bool file_matches(int dir_fd, const char *name, const struct cdisk_info *info)
{
	uint64_t max = info->data_offset > info->header_size ? info->data_offset : info->header_size;
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return false;
	if (!name_matches(name, info->id) &&
	    ((uint64_t)st.st_size > max || same_file(&st, info->path) ||
	     same_file(&st, info->header_path)))
		return false;
	fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	return cdisk_header_has_id(fd, info->id) == 1;
}

static int found_add(struct found *f, const char *dir, const char *name)
{
	char **paths = reallocarray(f->paths, (size_t)f->count + 2, sizeof(*paths));

	if (!paths)
		return -ENOMEM;
	f->paths = paths;
	if (asprintf(&paths[f->count], "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, name) < 0) {
		paths[f->count] = NULL;
		return -ENOMEM;
	}
	paths[++f->count] = NULL;
	return 0;
}

static int search(const struct cdisk_guard_place *place, const struct cdisk_info *info,
		  struct found *f)
{
	int fd = openat(place->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		r = -errno;
		if (fd >= 0)
			close(fd);
		return r;
	}
	while (r == 0 && (entry = readdir(dir)))
		if (file_matches(place->dir_fd, entry->d_name, info))
			r = found_add(f, place->dir, entry->d_name);
	closedir(dir);
	return r;
}

static bool same_directory(int a, int b)
{
	struct stat one, two;

	return a >= 0 && b >= 0 && fstat(a, &one) == 0 && fstat(b, &two) == 0 &&
	       one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

int cdisk_guard_list(struct cdisk *c, const struct cdisk_info *info, char ***ret_paths)
{
	CDISK_CLEANUP(cdisk_guard_place_done) struct cdisk_guard_place near = {.dir_fd = -1};
	CDISK_CLEANUP(cdisk_guard_place_done) struct cdisk_guard_place state = {.dir_fd = -1};
	CDISK_CLEANUP(found_done) struct found f = {.paths = calloc(1, sizeof(char *))};
	int count, r = f.paths ? 0 : -ENOMEM;

	/* A place that is not there has no copies. */
	(void)cdisk_guard_place(c, info, CDISK_GUARD_BESIDE, /* make= */ false, &near);
	(void)cdisk_guard_place(c, info, CDISK_GUARD_STATE, /* make= */ false, &state);
	if (r == 0 && near.dir_fd >= 0)
		r = search(&near, info, &f);
	if (r == 0 && state.dir_fd >= 0 && !same_directory(near.dir_fd, state.dir_fd))
		r = search(&state, info, &f);
	if (r < 0)
		return cdisk_fail(c, r, "cannot look for copies of the header: %s", strerror(-r));
	*ret_paths = cdisk_steal(&f.paths);
	count = f.count;
	f.count = 0;
	return count;
}
