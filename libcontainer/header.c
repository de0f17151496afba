// SPDX-License-Identifier: GPL-2.0-or-later
/* Header copies: backup, restore, repair, finding them; and destroying a header for ever. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/io.h"
#include "base/lock.h"
#include "change.h"
#include "mount/mount.h"

#define CHUNK 65536u

static int copy_range(int from, int to, uint64_t size)
{
	uint8_t buf[CHUNK];
	uint64_t at = 0;
	int r = 0;

	while (r == 0 && at < size) {
		size_t step = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		r = cdisk_pread_full(from, buf, step, at);
		if (r == 0)
			r = cdisk_pwrite_full(to, buf, step, at);
		at += step;
	}
	return r;
}

static uint64_t area_size(const struct cdisk_container *ct)
{
	uint64_t area = ct->loaded.format->area(&ct->loaded);

	return area < ct->header.image_size ? area : ct->header.image_size;
}

int cdisk_header_backup(struct cdisk_container *ct, const char *file)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (!file || !file[0])
		return cdisk_fail(ct->c, -EINVAL, "no file for the header was named");
	if (!ct->loaded.format->area)
		return cdisk_fail(ct->c, -CDISK_ERR_UNSUPPORTED, "%s headers cannot be backed up",
				  ct->loaded.info.format);
	if (ct->header.unreadable_end > ct->header.unreadable_start)
		return cdisk_fail(ct->c, -EIO, "the header cannot be read as a whole (byte %llu): a copy "
				  "of it would have a hole",
				  (unsigned long long)ct->header.unreadable_start);
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return cdisk_fail(ct->c, -errno, "cannot make %s: %s", file, strerror(errno));
	r = copy_range(ct->header.image_fd, fd, area_size(ct));
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r == 0)
		r = cdisk_fsync_parent(file);
	if (r < 0) {
		(void)unlink(file);
		return cdisk_fail(ct->c, r, "cannot write %s: %s", file, strerror(-r));
	}
	return 0;
}

/* The header copy in a file, loaded. */
struct copy {
	int fd;
	struct cdisk_header header;
	struct cdisk_loaded loaded;
};

static void copy_done(struct copy *k)
{
	cdisk_format_done(&k->loaded);
	cdisk_header_done(&k->header);
	cdisk_close(&k->fd);
}

static int copy_open(struct cdisk *c, const char *file, struct copy *k)
{
	int r;

	memset(k, 0, sizeof(*k));
	k->header.image_fd = -1;
	k->fd = -1;
	r = cdisk_container_open_path(c, file, O_RDONLY, &k->fd);
	if (r == 0)
		r = cdisk_header_read(c, k->fd, k->fd, &k->header);
	if (r == 0)
		r = cdisk_format_load(c, &k->header, &k->loaded);
	if (r < 0)
		copy_done(k);
	return r;
}

/* The same bytes where LUKS1 lists its keyslots; other formats have generations. */
static bool same_beginning(const struct cdisk_header *a, const struct cdisk_header *b)
{
	uint8_t one[1024], two[1024];

	return cdisk_pread_full(a->image_fd, one, sizeof(one), 0) == 0 &&
	       cdisk_pread_full(b->image_fd, two, sizeof(two), 0) == 0 &&
	       memcmp(one, two, sizeof(one)) == 0;
}

static int refuse_older(struct cdisk *c, const struct cdisk_info *now, const struct cdisk_info *copy)
{
	if (now->generation > 0 && copy->generation > 0)
		cdisk_fail(c, -EEXIST, "the copy is older than the header (generation %llu, not %llu): "
			   "passphrases that were removed since would work again",
			   (unsigned long long)copy->generation, (unsigned long long)now->generation);
	else
		cdisk_fail(c, -EEXIST, "the copy differs from the header, and %s does not tell which one "
			   "is older: passphrases that were removed since would work again",
			   now->generation > 0 ? copy->format : now->format);
	cdisk_hint(c, "repeat with --allow-older if that is what you want");
	return -EEXIST;
}

/* May this copy replace that header? */
static int restore_allowed(struct cdisk_container *ct, const struct copy *k, uint32_t flags)
{
	const struct cdisk_info *now = &ct->loaded.info, *copy = &k->loaded.info;
	struct cdisk *c = ct->c;

	if (strcmp(now->id, copy->id) != 0 && !(flags & CDISK_RESTORE_OTHER)) {
		cdisk_fail(c, -EEXIST, "the copy belongs to another volume (%s, the container is %s)",
			   copy->id, now->id);
		cdisk_hint(c, "another volume's header makes the data unreadable for ever");
		return -EEXIST;
	}
	if (now->data_offset != copy->data_offset && !(flags & CDISK_RESTORE_OTHER))
		return cdisk_fail(c, -EEXIST, "the copy says that the data begins at byte %llu, the "
				  "container says %llu", (unsigned long long)copy->data_offset,
				  (unsigned long long)now->data_offset);
	if (flags & CDISK_RESTORE_OLDER)
		return 0;
	if (strcmp(now->format, copy->format) != 0 || copy->generation < now->generation ||
	    (now->generation == 0 && !same_beginning(&ct->header, &k->header)))
		return refuse_older(c, now, copy);
	return 0;
}

/*
 * A guard that an interrupted change left, restored, guards its own restoring: writing another one
 * in its place would for a moment leave no good copy.
 */
static void guard_of_copy(struct cdisk_container *ct, const struct copy *k, char **ret_guard)
{
	_cleanup_free_ char *left = NULL;
	struct stat one, two;

	if (cdisk_guard_left(ct->c, &ct->loaded.info, &left) == 1 && stat(left, &one) == 0 &&
	    fstat(k->fd, &two) == 0 && one.st_dev == two.st_dev && one.st_ino == two.st_ino)
		*ret_guard = cdisk_steal(&left);
}

/* The container's header is whole: an ordinary guarded change. */
static int restore_over(struct cdisk_container *ct, const struct copy *k, uint32_t flags)
{
	struct cdisk_change ch = {.image = -1};
	uint64_t size = k->loaded.format->area(&k->loaded);
	int r = cdisk_change_begin(ct, &ch);

	if (r < 0)
		return r;
	/* Asked of the header that is locked now, not of the one that was there before. */
	r = restore_allowed(ct, k, flags);
	if (r == 0)
		guard_of_copy(ct, k, &ch.guard);
	if (r == 0 && (size > k->header.image_size || size > ct->header.image_size))
		r = cdisk_fail(ct->c, -EINVAL, "the copy does not fit before the data");
	if (r == 0) {
		r = copy_range(k->header.image_fd, ch.image, size);
		if (r < 0)
			r = cdisk_fail(ct->c, r, "cannot read the copy: %s", strerror(-r));
	}
	if (r == 0)
		r = cdisk_change_write(&ch, /* secret= */ NULL, -1, flags);
	cdisk_change_end(&ch);
	return r;
}

/* What is there instead of a header that can be read: not another volume, and not other data. */
static int blind_allowed(struct cdisk *c, int fd, const char *name, const struct copy *k,
			 uint32_t flags)
{
	char type[64] = "";
	int r;

	if (flags & CDISK_RESTORE_OTHER)
		return 0;
	r = cdisk_header_has_id(fd, k->loaded.info.id);
	if (r == 1)
		return 0;
	if (r == 0) {
		cdisk_fail(c, -EEXIST, "the damaged header of %s belongs to another volume than the copy",
			   name);
		cdisk_hint(c, "another volume's header makes the data unreadable for ever");
		return -EEXIST;
	}
	r = cdisk_signature(c, fd, type, sizeof(type));
	if (r < 0 || !type[0])
		return r;
	cdisk_fail(c, -EEXIST, "%s has no container's header, it holds other data: %s", name, type);
	cdisk_hint(c, "the restored header would overwrite the beginning of it");
	return -EEXIST;
}

/* The container's header is beyond reading: nothing to guard. */
static int restore_blind(struct cdisk *c, int fd, const char *name, const struct copy *k,
			 bool detached)
{
	const struct cdisk_info *info = &k->loaded.info;
	uint64_t size = k->loaded.format->area(&k->loaded), file_size = 0;
	int r = cdisk_fd_size(fd, &file_size);

	if (r == 0)
		r = cdisk_lock(fd, CDISK_LOCK_DATA, true);
	if (r == -EAGAIN)
		return cdisk_fail(c, -CDISK_ERR_LOCKED, "%s is held by another opener", name);
	if (r < 0)
		return cdisk_fail(c, r, "cannot lock %s: %s", name, strerror(-r));
	if (!detached && file_size <= info->data_offset)
		return cdisk_fail(c, -EINVAL, "%s is too short for this header: its data begins at "
				  "byte %llu", name, (unsigned long long)info->data_offset);
	if (size > k->header.image_size)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT, "the copy is shorter than its header");
	return cdisk_header_write_new(c, fd, k->header.image_fd, size);
}

static int restore_damaged(struct cdisk *c, const char *path, const char *header_path,
			   const struct copy *k, uint32_t flags)
{
	const char *name = header_path ? header_path : path;
	_cleanup_close_ int fd = -1;
	int r = cdisk_container_open_path(c, name, O_RDWR | O_EXCL, &fd);

	if (r == 0)
		r = cdisk_header_lock(c, fd, name);
	if (r == 0)
		r = blind_allowed(c, fd, name, k, flags);
	return r < 0 ? r : restore_blind(c, fd, name, k, header_path != NULL);
}

static void cleanup_container(struct cdisk_container **ct)
{
	cdisk_container_close(*ct);
}

int cdisk_header_restore(struct cdisk *c, const char *path, const char *header_path,
			 const char *file, uint32_t flags)
{
	CDISK_CLEANUP(cleanup_container) struct cdisk_container *ct = NULL;
	struct copy k;
	int r;

	if (!path || !file)
		return cdisk_fail(c, -EINVAL, "a container and a copy of its header are needed");
	r = copy_open(c, file, &k);
	if (r < 0)
		return r;
	r = cdisk_container_open(c, path, header_path, CDISK_OPEN_HEADER, &ct);
	if (r == 0) {
		r = restore_over(ct, &k, flags);
	} else if (r == -CDISK_ERR_CORRUPT || r == -CDISK_ERR_NOT_CONTAINER) {
		r = restore_damaged(c, path, header_path, &k, flags);
	}
	copy_done(&k);
	return r;
}

/* What an interrupted change left goes, if nothing is in it that the header has lost. */
static int settle_leftover(struct cdisk_container *ct)
{
	int fd = cdisk_container_header_fd(ct), r = 0;
	_cleanup_free_ char *left = NULL;

	if (ct->mode != CDISK_OPEN_HEADER)
		return 0;
	r = cdisk_header_lock(ct->c, fd, cdisk_container_name(ct));
	if (r < 0)
		return r;
	if (cdisk_guard_left(ct->c, &ct->loaded.info, &left) == 1) {
		r = cdisk_container_reload(ct);
		if (r == 0)
			r = cdisk_change_check_leftover(ct, left);
		if (r == 0)
			r = cdisk_guard_remove(ct->c, left);
		if (r == 0)
			cdisk_log(ct->c, CDISK_LOG_INFO, "the old header in %s was removed", left);
	}
	(void)cdisk_unlock(fd, CDISK_LOCK_HEADER);
	return r;
}

int cdisk_header_repair(struct cdisk_container *ct)
{
	struct cdisk_change ch = {.image = -1};
	int r;

	if (!ct->loaded.info.primary_damaged && !ct->loaded.info.secondary_damaged)
		return settle_leftover(ct);
	r = cdisk_change_begin(ct, &ch);
	if (r < 0)
		return r;
	if (ct->loaded.format->repair)
		r = ct->loaded.format->repair(ct->c, ch.image);
	if (r >= 0)
		r = cdisk_change_write(&ch, /* secret= */ NULL, -1, 0);
	if (r == 0 && (ct->loaded.info.primary_damaged || ct->loaded.info.secondary_damaged))
		r = cdisk_fail(ct->c, -CDISK_ERR_CORRUPT, "the header of %s could not be mended",
			       cdisk_container_name(ct));
	cdisk_change_end(&ch);
	return r < 0 ? r : 1;
}

/*
 * Does the header copy in file open with this secret? 1, 0. Who cannot tell says 1: a copy that is
 * named for nothing does no harm. -ECANCELED.
 */
static int copy_accepts(struct cdisk *c, const char *file, struct cdisk_secret *secret)
{
	struct cdisk_description d = {0};
	struct copy k;
	int slot, r = copy_open(c, file, &k);

	if (r < 0)
		return r != -CDISK_ERR_CORRUPT && r != -CDISK_ERR_NOT_CONTAINER;
	r = k.loaded.format->unlock(c, &k.header, &k.loaded, secret, -1, /* need_data= */ false, &d,
				    &slot);
	cdisk_description_done(&d);
	copy_done(&k);
	if (r == -ECANCELED)
		return r;
	return r != -CDISK_ERR_PASSPHRASE;
}

int cdisk_header_copies(struct cdisk_container *ct, struct cdisk_secret *secret, char ***ret_paths)
{
	char **paths = NULL;
	int n = cdisk_guard_list(ct->c, &ct->loaded.info, &paths), kept = 0, r = 1;

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		if (secret && r >= 0)
			r = copy_accepts(ct->c, paths[i], secret);
		if (r > 0)
			paths[kept++] = paths[i];
		else
			free(paths[i]);
	}
	paths[kept] = NULL;
	if (r < 0) {
		cdisk_strv_free(paths);
		return r;
	}
	*ret_paths = paths;
	return kept;
}

int cdisk_erase(struct cdisk_container *ct)
{
	int fd = cdisk_container_header_fd(ct);
	int r;

	if (ct->mode != CDISK_OPEN_HEADER)
		return cdisk_fail(ct->c, -EINVAL, "the container was not opened for header changes");
	if (!ct->loaded.format->area)
		return cdisk_fail(ct->c, -CDISK_ERR_UNSUPPORTED, "%s headers cannot be erased",
				  ct->loaded.info.format);
	r = cdisk_header_lock(ct->c, fd, cdisk_container_name(ct));
	if (r < 0)
		return r;
	r = cdisk_container_reload(ct);
	if (r == 0)
		r = cdisk_header_destroy(ct->c, fd, ct->header.image_fd, area_size(ct));
	(void)cdisk_unlock(fd, CDISK_LOCK_HEADER);
	return r;
}
