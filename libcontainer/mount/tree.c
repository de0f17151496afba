// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/mount.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include "base/io.h"
#include "base/util.h"

#define BLOCK UINT64_C(4096)
#define MIB (UINT64_C(1024) * 1024)
/* A directory is open at each level of the walk, and mke2fs descends the same way. */
#define DEPTH_MAX 500
/* What a block of directory entries surely holds: not its checksum, nor the gap before its end. */
#define DIR_BLOCK_USE UINT64_C(3820)
/* What fits beside an inode of 256 bytes; more attributes take a block of their own. */
#define XATTR_INLINE 90

struct link {
	uint64_t dev, ino;
	bool used;
};

struct walk {
	struct cdisk *c;
	bool measure; /* else fingerprint only */
	uint64_t bytes, inodes, fingerprint;
	struct link *links; /* files with several names that were seen; open addressing */
	size_t n_links, n_slots;
	char path[CDISK_PATH_SIZE]; /* of the entry at hand, for messages */
	size_t path_len;
	unsigned int depth;
};

static void cleanup_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ h >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return h ^ h >> 32;
}

static uint64_t round_up(uint64_t v)
{
	return (v + BLOCK - 1) / BLOCK * BLOCK;
}

/* The end of a long path: the message has to have room for what is wrong with it. */
static const char *shown_path(const struct walk *w)
{
	size_t len = strlen(w->path);

	return w->path + (len > 400 ? len - 400 : 0);
}

static int entry_fail(struct walk *w, int r, const char *what)
{
	r = cdisk_fail(w->c, r, "'%s' %s", shown_path(w), what);
	cdisk_object(w->c, w->path);
	return r;
}

/* Errors of looking at an entry: gone since readdir means that somebody works here. */
static int entry_errno(struct walk *w, int error)
{
	if (error == EACCES || error == EPERM)
		return entry_fail(w, -EACCES, "cannot be read: permission denied");
	if (error == ENOENT)
		return entry_fail(w, -CDISK_ERR_CORRUPT, "went away while the directory was read");
	return cdisk_fail(w->c, -error, "cannot read '%s': %s", shown_path(w), strerror(error));
}

static struct link *link_slot(const struct walk *w, uint64_t dev, uint64_t ino)
{
	size_t i = (size_t)mix(dev, ino) & (w->n_slots - 1);

	while (w->links[i].used && (w->links[i].dev != dev || w->links[i].ino != ino))
		i = (i + 1) & (w->n_slots - 1);
	return &w->links[i];
}

static int links_grow(struct walk *w)
{
	struct walk bigger = {.n_slots = w->n_slots ? w->n_slots * 2 : 1024};

	bigger.links = calloc(bigger.n_slots, sizeof(*bigger.links));
	if (!bigger.links)
		return cdisk_fail(w->c, -ENOMEM, "out of memory: too many hard links");
	for (size_t i = 0; i < w->n_slots; i++)
		if (w->links[i].used)
			*link_slot(&bigger, w->links[i].dev, w->links[i].ino) = w->links[i];
	free(w->links);
	w->links = bigger.links;
	w->n_slots = bigger.n_slots;
	return 0;
}

/* 1 = this file was counted under another name before. */
static int link_seen(struct walk *w, const struct stat *st)
{
	struct link *l;
	int r;

	if (w->n_links * 2 >= w->n_slots) {
		r = links_grow(w);
		if (r < 0)
			return r;
	}
	l = link_slot(w, st->st_dev, st->st_ino);
	if (l->used)
		return 1;
	*l = (struct link){.dev = st->st_dev, .ino = st->st_ino, .used = true};
	w->n_links++;
	return 0;
}

/* Bytes of the parts that hold data, in whole blocks. mke2fs finds them with the same calls. */
static int sparse_bytes(struct walk *w, int dir, const char *name, uint64_t *ret_bytes)
{
	_cleanup_close_ int fd =
		openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	uint64_t sum = 0;
	off_t pos = 0;

	if (fd < 0)
		return entry_errno(w, errno);
	for (;;) {
		off_t data = lseek(fd, pos, SEEK_DATA), hole;

		if (data < 0 && errno == ENXIO)
			break;
		hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);
		if (hole < 0)
			return entry_errno(w, errno);
		sum += round_up((uint64_t)hole) - cdisk_round_down((uint64_t)data, BLOCK);
		pos = hole;
	}
	*ret_bytes = sum;
	return 0;
}

static int file_bytes(struct walk *w, int dir, const char *name, const struct stat *st)
{
	uint64_t bytes = round_up((uint64_t)st->st_size);
	int r;

	if ((uint64_t)st->st_blocks * 512 < (uint64_t)st->st_size) {
		r = sparse_bytes(w, dir, name, &bytes);
		if (r < 0)
			return r;
	} else if (faccessat(dir, name, R_OK, AT_EACCESS) < 0) {
		return entry_errno(w, errno);
	}
	w->bytes += bytes;
	return 0;
}

/* Extended attributes and ACLs, roughly: none, beside the inode, or a block. */
static void add_xattrs(struct walk *w, int dir, const char *name)
{
	char path[CDISK_FD_PATH_MAX + NAME_MAX + 2], list[4096];
	size_t sum = 0;
	ssize_t n;

	cdisk_fd_path(dir, path);
	(void)snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%s", name);
	n = llistxattr(path, list, sizeof(list));
	if (n < 0 && errno == ERANGE)
		sum = XATTR_INLINE + 1;
	for (const char *p = list; n > 0 && p < list + n; p += strlen(p) + 1) {
		ssize_t value = lgetxattr(path, p, NULL, 0);

		sum += 20 + strlen(p) + (value > 0 ? (size_t)value : 0);
	}
	if (sum > XATTR_INLINE)
		w->bytes += BLOCK;
}

static int walk_dir(struct walk *w, int parent, const char *name);

static int measure_entry(struct walk *w, int dir, const char *name, const struct stat *st)
{
	int r;

	if (S_ISSOCK(st->st_mode))
		return entry_fail(w, -CDISK_ERR_CORRUPT, "is a socket, which cannot be copied");
	if (!S_ISDIR(st->st_mode) && st->st_nlink > 1) {
		r = link_seen(w, st);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	w->inodes++;
	add_xattrs(w, dir, name);
	if (S_ISREG(st->st_mode))
		return file_bytes(w, dir, name, st);
	if (S_ISLNK(st->st_mode) && st->st_size >= 60)
		w->bytes += BLOCK;
	return 0;
}

/* The sum over all entries, so that the order in which they are read does not matter. */
static void fingerprint_entry(struct walk *w, const struct stat *st)
{
	uint64_t h = mix(st->st_dev, st->st_ino);

	h = mix(h, (uint64_t)st->st_mode << 32 | (uint32_t)st->st_nlink);
	h = mix(h, (uint64_t)st->st_size);
	h = mix(h, (uint64_t)st->st_ctim.tv_sec);
	h = mix(h, (uint64_t)st->st_ctim.tv_nsec);
	h = mix(h, (uint64_t)st->st_mtim.tv_sec);
	w->fingerprint += mix(h, (uint64_t)st->st_mtim.tv_nsec);
}

static int walk_entry(struct walk *w, int dir, const char *name)
{
	size_t len = w->path_len;
	struct stat st;
	int n, r = 0;

	n = snprintf(w->path + len, sizeof(w->path) - len, "/%s", name);
	if (n < 0 || (size_t)n >= sizeof(w->path) - len) {
		w->path[len] = '\0';
		return entry_fail(w, -ENAMETOOLONG, "holds paths that are too long to be copied");
	}
	w->path_len += (size_t)n;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return entry_errno(w, errno);
	fingerprint_entry(w, &st);
	if (w->measure)
		r = measure_entry(w, dir, name, &st);
	if (r == 0 && S_ISDIR(st.st_mode))
		r = walk_dir(w, dir, name);
	if (r == 0) {
		w->path_len = len;
		w->path[len] = '\0';
	}
	return r;
}

static int walk_entries(struct walk *w, DIR *d)
{
	uint64_t names = 24; /* "." and ".." */
	unsigned int n = 0;
	int r = 0;

	for (;;) {
		struct dirent *e;

		errno = 0;
		e = readdir(d);
		if (!e && errno != 0)
			return entry_errno(w, errno);
		if (!e)
			break;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		names += 8 + (strlen(e->d_name) + 3) / 4 * 4;
		r = walk_entry(w, dirfd(d), e->d_name);
		if (r == 0 && ++n % 256 == 0)
			r = cdisk_progress(w->c, "reading the directory", w->inodes, 0);
		if (r < 0)
			return r;
	}
	w->bytes += (names / DIR_BLOCK_USE + 1) * BLOCK;
	return 0;
}

static int walk_dir(struct walk *w, int parent, const char *name)
{
	CDISK_CLEANUP(cleanup_dir) DIR *d = NULL;
	_cleanup_close_ int fd = -1;
	int r;

	if (w->depth >= DEPTH_MAX)
		return entry_fail(w, -CDISK_ERR_UNSUPPORTED, "is nested too deeply to be copied");
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (w->depth ? O_NOFOLLOW : 0));
	if (fd < 0)
		return entry_errno(w, errno);
	d = fdopendir(fd);
	if (!d)
		return entry_errno(w, errno);
	fd = -1;
	w->depth++;
	r = walk_entries(w, d);
	w->depth--;
	return r;
}

static int walk_tree(struct walk *w, const char *dir)
{
	struct stat st;

	(void)snprintf(w->path, sizeof(w->path), "%s", dir);
	w->path_len = strlen(w->path);
	if (stat(dir, &st) < 0)
		return cdisk_fail(w->c, -errno, "cannot open '%s': %s", dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return cdisk_fail(w->c, -ENOTDIR, "'%s' is no directory", dir);
	fingerprint_entry(w, &st);
	w->inodes = 1;
	return walk_dir(w, AT_FDCWD, dir);
}

int cdisk_tree_measure(struct cdisk *c, const char *dir, uint64_t *ret_bytes, uint64_t *ret_inodes)
{
	struct walk w = {.c = c, .measure = true};
	int r = walk_tree(&w, dir);

	free(w.links);
	if (r < 0)
		return r;
	*ret_bytes = w.bytes;
	*ret_inodes = w.inodes;
	return 0;
}

int cdisk_tree_fingerprint(struct cdisk *c, const char *dir, uint64_t *ret_fingerprint)
{
	struct walk w = {.c = c};
	int r = walk_tree(&w, dir);

	if (r < 0)
		return r;
	*ret_fingerprint = w.fingerprint;
	return 0;
}

uint64_t cdisk_tree_size(uint64_t bytes, uint64_t inodes)
{
	uint64_t size = 16 * MIB + bytes + bytes / 10 + 256 * inodes;

	return (size + MIB - 1) / MIB * MIB;
}
