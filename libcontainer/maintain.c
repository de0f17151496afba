// SPDX-License-Identifier: GPL-2.0-or-later
/* Resizing, trimming and checking: container and filesystem together. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "backend/backend.h"
#include "base/io.h"
#include "base/lock.h"
#include "internal.h"
#include "mount/mounting.h"
#include "tell.h"

/* What lies on the disk of a temporary attachment. */
static int probe_disk(struct cdisk *c, const struct cdisk_attachment *a, struct cdisk_fs *ret_fs)
{
	_cleanup_close_ int fd = open(a->disk, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return cdisk_fail(c, -errno, "cannot open %s: %s", a->disk, strerror(errno));
	return cdisk_fs_probe(c, fd, ret_fs);
}

static int check_resizable(struct cdisk_container *ct, uint64_t size, uint64_t *ret_now)
{
	const struct cdisk_info *info = &ct->loaded.info;
	struct stat st;

	if (fstat(ct->fd, &st) < 0)
		return cdisk_fail(ct->c, -errno, "cannot look at %s: %s", cdisk_container_name(ct),
				  strerror(errno));
	if (!S_ISREG(st.st_mode)) {
		cdisk_fail(ct->c, -CDISK_ERR_UNSUPPORTED, "%s is a device: its size is not ours to change",
			   cdisk_container_name(ct));
		return -CDISK_ERR_UNSUPPORTED;
	}
	if (size <= info->data_offset + info->sector_size || size > INT64_MAX / 2) {
		cdisk_fail(ct->c, -EINVAL, "%s cannot be made %llu bytes long: its data begins at byte %llu",
			   cdisk_container_name(ct), (unsigned long long)size,
			   (unsigned long long)info->data_offset);
		return -EINVAL;
	}
	*ret_now = (uint64_t)st.st_size;
	return 0;
}

static int set_file_size(struct cdisk_container *ct, uint64_t size)
{
	if (ftruncate(ct->fd, (off_t)size) < 0)
		return cdisk_fail(ct->c, -errno, "cannot make %s %llu bytes long: %s",
				  cdisk_container_name(ct), (unsigned long long)size, strerror(errno));
	if (fsync(ct->fd) < 0)
		return cdisk_fail(ct->c, -errno, "cannot write %s: %s", cdisk_container_name(ct),
				  strerror(errno));
	return 0;
}

/* Volume size that a container file of size bytes has. */
static uint64_t volume_size_for(const struct cdisk_container *ct, uint64_t size)
{
	return cdisk_round_down(size - ct->loaded.info.data_offset, ct->loaded.info.sector_size);
}

static int grow_filesystem(struct cdisk_volume *v)
{
	struct cdisk_attachment a;
	struct cdisk_fs fs;
	int r, end;

	r = cdisk_volume_attach_temporary(v, 0, &a);
	if (r < 0)
		return r;
	r = probe_disk(v->c, &a, &fs);
	if (r == 0 && fs.type[0])
		r = cdisk_fs_resize(v->c, fs.type, a.disk, 0);
	end = cdisk_volume_detach_temporary(v->c, &a);
	return r < 0 ? r : end;
}

/* File first, then the volume, then the filesystem: at every step in between all is whole. */
static int grow(struct cdisk_container *ct, struct cdisk_volume *v, uint64_t now, uint64_t size)
{
	int r = set_file_size(ct, size);

	if (r < 0)
		return r;
	r = cdisk_plain_resize(v->plain);
	if (r < 0) {
		(void)set_file_size(ct, now);
		cdisk_fail(ct->c, -CDISK_ERR_UNSUPPORTED, "the volume in %s has a fixed size",
			   cdisk_container_name(ct));
		return -CDISK_ERR_UNSUPPORTED;
	}
	r = grow_filesystem(v);
	/* The old filesystem still ends before the old end, unless it was being changed. */
	if (r == -CDISK_ERR_UNSUPPORTED && ftruncate(ct->fd, (off_t)now) == 0)
		(void)fsync(ct->fd);
	return r;
}

static int shrink_filesystem(struct cdisk_volume *v, uint64_t volume_size)
{
	struct cdisk_attachment a;
	struct cdisk_fs fs;
	int r, end;

	r = cdisk_volume_attach_temporary(v, 0, &a);
	if (r < 0)
		return r;
	r = probe_disk(v->c, &a, &fs);
	if (r == 0 && !fs.type[0])
		r = cdisk_fail(v->c, -CDISK_ERR_UNSUPPORTED,
			       "no filesystem was recognised: what the end of the volume holds is not known");
	if (r == 0)
		r = cdisk_fs_resize(v->c, fs.type, a.disk, volume_size);
	/* Believe the disk, not the exit code, before anything is cut off. */
	if (r == 0)
		r = probe_disk(v->c, &a, &fs);
	if (r == 0 && (fs.size == 0 || fs.size > volume_size))
		r = cdisk_fail(v->c, -CDISK_ERR_FILESYSTEM,
			       "the filesystem did not shrink: nothing was cut off");
	end = cdisk_volume_detach_temporary(v->c, &a);
	return r < 0 ? r : end;
}

/* The filesystem first, on the medium, then the file. */
static int shrink(struct cdisk_container *ct, struct cdisk_volume *v, uint64_t size)
{
	int r;

	if (!cdisk_plain_description(v->plain)->dynamic)
		return cdisk_fail(ct->c, -CDISK_ERR_UNSUPPORTED, "the volume in %s has a fixed size",
				  cdisk_container_name(ct));
	r = shrink_filesystem(v, volume_size_for(ct, size));
	if (r == 0)
		r = cdisk_plain_flush(v->plain);
	return r < 0 ? r : set_file_size(ct, size);
}

int cdisk_resize(struct cdisk_container *ct, struct cdisk_volume *v, uint64_t size)
{
	uint64_t now;
	int r;

	if (ct->mode != CDISK_OPEN_WRITE)
		return cdisk_fail(ct->c, -EINVAL, "the container was not opened for writing");
	r = check_resizable(ct, size, &now);
	if (r < 0)
		return r;
	/* Equal: the filesystem may still have to follow, if it could not when the file grew. */
	r = size >= now ? grow(ct, v, now, size) : shrink(ct, v, size);
	if (r == 0) {
		ct->loaded.info.file_size = size;
		ct->loaded.info.data_size = volume_size_for(ct, size);
		cdisk_tell_container_resized(ct->c, ct->loaded.info.id, ct->loaded.info.format,
					     ct->loaded.info.data_size);
	}
	return r;
}

/* Can the mounted filesystem grow where it is? Asked before the file is touched. */
static int check_online(struct cdisk_container *ct, const struct cdisk_attachment *a)
{
	const struct cdisk_info *info = &ct->loaded.info;

	if (a->dev != info->dev || a->ino != info->ino)
		return cdisk_fail(ct->c, -EINVAL, "%s is not the container of volume %s",
				  cdisk_container_name(ct), a->id);
	if (a->mountpoint[0] && !a->node[0]) {
		cdisk_fail(ct->c, -CDISK_ERR_UNSUPPORTED,
			   "a mounted %s cannot grow without root", a->fstype);
		cdisk_hint(ct->c, "unmount it first: 'cryptdisk umount id:%s'", a->id);
		return -CDISK_ERR_UNSUPPORTED;
	}
	if (a->mountpoint[0] && strcmp(a->fstype, "ext4") != 0 && strcmp(a->fstype, "xfs") != 0 &&
	    strcmp(a->fstype, "btrfs") != 0)
		return cdisk_fail(ct->c, -CDISK_ERR_UNSUPPORTED, "a mounted %s cannot grow", a->fstype);
	return 0;
}

/* Where the filesystem is seen, and not what somebody mounted over it; while fd is open. */
static int mounted_find(struct cdisk *c, const struct cdisk_attachment *a, int *ret_fd,
			char ret_target[CDISK_PATH_SIZE])
{
	int r = a->mountpoint[0] ? cdisk_mounted_open(c, a, ret_fd, ret_target) : 0;

	return r == -ENOENT ? cdisk_fail(c, r, "%s is not mounted any more", a->disk) : r;
}

static int grow_online(struct cdisk_container *ct, const struct cdisk_backend *b,
		       const struct cdisk_attachment *a, uint64_t size)
{
	_cleanup_close_ int fd = -1;
	char target[CDISK_PATH_SIZE];
	uint64_t now, volume_size;
	int r;

	r = check_resizable(ct, size, &now);
	if (r == 0 && size < now) {
		cdisk_fail(ct->c, -CDISK_ERR_UNSUPPORTED, "an open volume cannot shrink");
		cdisk_hint(ct->c, "unmount it first: 'cryptdisk umount id:%s'", a->id);
		r = -CDISK_ERR_UNSUPPORTED;
	}
	if (r == 0)
		r = check_online(ct, a);
	if (r == 0)
		r = mounted_find(ct->c, a, &fd, target);
	if (r == 0 && size > now)
		r = set_file_size(ct, size);
	if (r == 0)
		r = b->resize(ct->c, a, &volume_size);
	if (r == 0 && a->mountpoint[0])
		r = cdisk_fs_grow_online(ct->c, a->fstype, a->node, target);
	return r;
}

/* Beside a detached header the data was opened for reading only. */
static int make_writable(struct cdisk_container *ct)
{
	char path[CDISK_FD_PATH_MAX];
	int fd, flags = fcntl(ct->fd, F_GETFL);

	if (flags >= 0 && (flags & O_ACCMODE) == O_RDWR)
		return 0;
	cdisk_fd_path(ct->fd, path);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return cdisk_fail(ct->c, -errno, "cannot write %s: %s", cdisk_container_name(ct),
				  strerror(errno));
	cdisk_close(&ct->fd);
	ct->fd = fd;
	return 0;
}

/*
 * Of two that grow one volume at once, the one with the smaller size would cut off what the other
 * one has added. The lock is that of the file with the data, whose size is changed.
 */
int cdisk_resize_online(struct cdisk_container *ct, const struct cdisk_attachment *a, uint64_t size)
{
	const struct cdisk_backend *b = cdisk_backend_named(a->backend);
	_cleanup_close_ int node = -1;
	int r;

	if (!b || !b->resize)
		return cdisk_fail(ct->c, -CDISK_ERR_UNSUPPORTED, "the backend %s cannot resize", a->backend);
	r = cdisk_locked_refuse(ct->c, a);
	if (r == 0)
		r = cdisk_node_lock(ct->c, a, &node);
	if (r == 0)
		r = make_writable(ct);
	if (r == 0)
		r = cdisk_header_lock(ct->c, ct->fd, cdisk_container_name(ct));
	if (r < 0)
		return r;
	r = grow_online(ct, b, a, size);
	(void)cdisk_unlock(ct->fd, CDISK_LOCK_HEADER);
	if (r == 0)
		cdisk_tell_resized(ct->c, a, volume_size_for(ct, size));
	return r;
}

struct trim_work {
	struct cdisk *c;
	struct cdisk_plain *plain; /* offline */
	const struct cdisk_backend *backend;
	const struct cdisk_attachment *a; /* online */
	uint64_t bytes;
};

static int trim_range(uint64_t offset, uint64_t length, void *data)
{
	struct trim_work *w = data;
	uint64_t done = 0;
	int r;

	if (w->plain)
		r = cdisk_plain_discard(w->plain, offset, length, &done);
	else
		r = w->backend->trim(w->c, w->a, offset, length, &done);
	if (r == -EOPNOTSUPP)
		return cdisk_fail(w->c, -CDISK_ERR_UNSUPPORTED,
				  "the filesystem that holds the container cannot take space back");
	if (r < 0)
		return r;
	w->bytes += done;
	return cdisk_progress(w->c, "trimming", w->bytes, 0);
}

int cdisk_trim(struct cdisk_container *ct, struct cdisk_volume *v, uint64_t *ret_bytes)
{
	struct trim_work w = {.c = ct->c, .plain = v->plain};
	struct cdisk_attachment a;
	struct cdisk_fs fs;
	int r, end;

	if (ct->mode != CDISK_OPEN_WRITE)
		return cdisk_fail(ct->c, -EINVAL, "the container was not opened for writing");
	r = cdisk_volume_attach_temporary(v, CDISK_ATTACH_READONLY, &a);
	if (r < 0)
		return r;
	r = probe_disk(ct->c, &a, &fs);
	if (r == 0 && !fs.type[0])
		r = cdisk_fail(ct->c, -CDISK_ERR_UNSUPPORTED,
			       "no filesystem was recognised: what is free is not known");
	if (r == 0)
		r = cdisk_fs_free_offline(ct->c, fs.type, a.disk, trim_range, &w);
	end = cdisk_volume_detach_temporary(ct->c, &a);
	if (r == 0)
		r = end;
	if (r == 0)
		*ret_bytes = w.bytes;
	return r;
}

int cdisk_trim_online(struct cdisk *c, const struct cdisk_attachment *a, uint64_t *ret_bytes)
{
	struct trim_work w = {.c = c, .backend = cdisk_backend_named(a->backend), .a = a};
	_cleanup_close_ int node = -1;
	char target[CDISK_PATH_SIZE];
	int fd, r;

	if (!w.backend || !w.backend->trim || !a->mountpoint[0] || !a->node[0]) {
		cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "a volume that is mounted without root cannot be trimmed");
		cdisk_hint(c, "unmount it first: 'cryptdisk umount id:%s'", a->id);
		return -CDISK_ERR_UNSUPPORTED;
	}
	r = cdisk_locked_refuse(c, a);
	if (r == 0 && a->read_only)
		r = cdisk_fail(c, -EROFS, "a volume that is open read-only is not trimmed");
	if (r == 0)
		r = cdisk_node_lock(c, a, &node);
	if (r == 0)
		r = mounted_find(c, a, &fd, target);
	if (r == 0)
		r = cdisk_fs_free_mounted(c, a->fstype, fd, target, trim_range, &w);
	if (r == 0)
		*ret_bytes = w.bytes;
	return r;
}

int cdisk_fsck(struct cdisk_volume *v, int repair, char **ret_report)
{
	struct cdisk_attachment a;
	struct cdisk_fs fs;
	int r, end;

	if (repair && cdisk_plain_description(v->plain)->read_only)
		return cdisk_fail(v->c, -EROFS, "a container that was opened read-only cannot be mended");
	r = cdisk_volume_attach_temporary(v, repair ? 0 : CDISK_ATTACH_READONLY, &a);
	if (r < 0)
		return r;
	r = probe_disk(v->c, &a, &fs);
	if (r == 0 && !fs.type[0])
		r = cdisk_fail(v->c, -CDISK_ERR_UNSUPPORTED, "no filesystem was recognised in %s", v->path);
	if (r == 0)
		r = cdisk_fsck_run(v->c, fs.type, a.disk, repair != 0, /* preen= */ false, ret_report);
	end = cdisk_volume_detach_temporary(v->c, &a);
	return r < 0 ? r : end;
}
