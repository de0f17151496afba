// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The server's directory: the FUSE operations, handed to the file they are about.
 *
 * Operations that are left out are answered ENOSYS by libfuse, which makes the kernel not ask
 * again. That is wanted for extended attributes (it would ask at every write) and bmap, poll and
 * the like, and must never happen to flush, fsync and fsyncdir: one such answer ends syncing for
 * the whole mount.
 */
#include "serve.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define ATTR_SECONDS 1.0     /* a change of size is announced besides */
#define ENTRY_SECONDS 3600.0 /* names never change */

static const struct file {
	fuse_ino_t ino;
	const char *name;
	mode_t mode;
} files[] = {
	{FUSE_ROOT_ID, ".", S_IFDIR | 0500},
	{SERVE_INO_DISK, "disk", S_IFREG | 0600},
	{SERVE_INO_INFO, "info", S_IFREG | 0400},
	{SERVE_INO_CONTROL, "control", S_IFREG | 0600},
};

static struct serve *serve_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

static bool file_attr(struct serve *s, fuse_ino_t ino, struct stat *st)
{
	const struct file *f;

	if (ino < FUSE_ROOT_ID || ino > SERVE_INO_CONTROL)
		return false;
	f = &files[ino - FUSE_ROOT_ID];
	memset(st, 0, sizeof(*st));
	st->st_ino = ino;
	st->st_mode = f->mode;
	st->st_nlink = S_ISDIR(f->mode) ? 2 : 1;
	st->st_uid = s->start.uid;
	st->st_gid = s->gid;
	st->st_blksize = 4096;
	st->st_atim = st->st_mtim = st->st_ctim = s->started;
	if (ino == SERVE_INO_DISK) {
		if (s->read_only)
			st->st_mode &= ~(mode_t)0222;
		st->st_size = (off_t)atomic_load(&s->disk_size);
		st->st_blksize = s->start.description.sector_size;
		st->st_blocks = st->st_size / 512;
	} else if (ino == SERVE_INO_INFO && serve_volume_enter(s) == 0) {
		st->st_size = (off_t)s->info_size;
		serve_volume_leave(s);
	}
	return true;
}

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
	(void)userdata;
	conn->max_write = SERVE_MAX_IO;
	conn->max_read = SERVE_MAX_IO;
	conn->max_background = 64;
	conn->congestion_threshold = 48;
	/*
	 * No splice and no writeback cache (both slower here), no automatic invalidation (nobody
	 * changes the content from below), no O_TRUNC at open (it is a setattr, which refuses it).
	 */
	conn->want = conn->capable & (FUSE_CAP_ASYNC_READ | FUSE_CAP_ASYNC_DIO);
}

static void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param e = {.attr_timeout = ATTR_SECONDS, .entry_timeout = ENTRY_SECONDS};
	size_t i;

	for (i = 1; parent == FUSE_ROOT_ID && i < CDISK_ARRAY_SIZE(files); i++) {
		if (strcmp(files[i].name, name) != 0)
			continue;
		e.ino = files[i].ino;
		(void)file_attr(serve_of(req), e.ino, &e.attr);
		(void)fuse_reply_entry(req, &e);
		return;
	}
	(void)fuse_reply_err(req, parent == FUSE_ROOT_ID ? ENOENT : ENOTDIR);
}

static void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct stat st;

	(void)fi;
	if (file_attr(serve_of(req), ino, &st))
		(void)fuse_reply_attr(req, &st, ATTR_SECONDS);
	else
		(void)fuse_reply_err(req, ENOENT);
}

/* A disk has one size, owner and mode. Its own size again is fine (mkfs), times are passed over. */
static void op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
	struct fuse_file_info *fi)
{
	struct stat st;

	(void)fi;
	if (!file_attr(serve_of(req), ino, &st))
		(void)fuse_reply_err(req, ENOENT);
	else if ((to_set & (FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) ||
		 ((to_set & FUSE_SET_ATTR_SIZE) && attr->st_size != st.st_size))
		(void)fuse_reply_err(req, EPERM);
	else
		(void)fuse_reply_attr(req, &st, ATTR_SECONDS);
}

static int open_disk(struct serve *s, struct fuse_file_info *fi)
{
	if (s->read_only && (fi->flags & O_ACCMODE) != O_RDONLY)
		return -EROFS;
	if (!serve_disk_opened(s))
		return -ENODEV;
	fi->keep_cache = 1; /* nobody else changes the content */
	fi->fh = (fi->flags & O_ACCMODE) != O_RDONLY;
	return 0;
}

/* A reader gets the document as it was when it was opened. */
static int open_info(struct serve *s, struct fuse_file_info *fi)
{
	char *text;
	int r;

	if ((fi->flags & O_ACCMODE) != O_RDONLY)
		return -EACCES;
	r = serve_volume_enter(s);
	if (r < 0)
		return r;
	text = strdup(s->info);
	serve_volume_leave(s);
	if (!text)
		return -ENOMEM;
	fi->fh = (uint64_t)(uintptr_t)text;
	fi->direct_io = 1;
	return 0;
}

static char *info_text(const struct fuse_file_info *fi)
{
	return (char *)(uintptr_t)fi->fh;
}

static void file_released(struct serve *s, fuse_ino_t ino, struct fuse_file_info *fi)
{
	if (ino == SERVE_INO_DISK)
		serve_disk_released(s);
	else if (ino == SERVE_INO_INFO)
		free(info_text(fi));
}

static void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct serve *s = serve_of(req);
	int r = 0;

	if (fuse_req_ctx(req)->uid != s->start.uid)
		r = -EACCES;
	else if (fi->flags & O_TRUNC)
		r = -EPERM;
	else if (ino == SERVE_INO_DISK)
		r = open_disk(s, fi);
	else if (ino == SERVE_INO_INFO)
		r = open_info(s, fi);
	else
		fi->direct_io = 1;
	if (r < 0)
		(void)fuse_reply_err(req, serve_errno(r));
	else if (fuse_reply_open(req, fi) == -ENOENT)
		file_released(s, ino, fi); /* interrupted: there will be no release */
}

static void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct serve *s = serve_of(req);

	(void)fuse_reply_err(req, 0);
	file_released(s, ino, fi);
}

static void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
	struct fuse_file_info *fi)
{
	const char *text;
	size_t length;

	if (ino == SERVE_INO_DISK) {
		serve_disk_read(req, serve_of(req), size, offset);
		return;
	}
	if (ino != SERVE_INO_INFO) {
		(void)fuse_reply_err(req, EINVAL);
		return;
	}
	text = info_text(fi);
	length = strlen(text);
	if (offset < 0 || (size_t)offset >= length)
		(void)fuse_reply_buf(req, NULL, 0);
	else
		(void)fuse_reply_buf(req, text + offset,
			size < length - (size_t)offset ? size : length - (size_t)offset);
}

static void op_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t offset,
	struct fuse_file_info *fi)
{
	(void)fi;
	if (ino == SERVE_INO_DISK)
		serve_disk_write(req, serve_of(req), buf, size, offset);
	else
		(void)fuse_reply_err(req, EINVAL);
}

/* Every close. Who could not write has nothing to be waited for. */
static void op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	if (ino == SERVE_INO_DISK && fi->fh)
		serve_disk_flush(req, serve_of(req));
	else
		(void)fuse_reply_err(req, 0);
}

static void op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	(void)datasync;
	(void)fi;
	if (ino == SERVE_INO_DISK)
		serve_disk_flush(req, serve_of(req));
	else
		(void)fuse_reply_err(req, 0);
}

static void op_fsyncdir(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	struct serve *s = serve_of(req);
	int r = serve_volume_enter(s);

	(void)ino;
	(void)datasync;
	(void)fi;
	if (r == 0) {
		r = cdisk_plain_flush(s->volume);
		serve_volume_leave(s);
	}
	(void)fuse_reply_err(req, r < 0 ? serve_errno(r) : 0);
}

static void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
	struct fuse_file_info *fi)
{
	static const char *const names[] = {".", "..", "disk", "info", "control"};
	static const fuse_ino_t inos[] = {FUSE_ROOT_ID, FUSE_ROOT_ID, SERVE_INO_DISK,
		SERVE_INO_INFO, SERVE_INO_CONTROL};
	char buf[1024];
	size_t used = 0, i;

	(void)fi;
	if (ino != FUSE_ROOT_ID) {
		(void)fuse_reply_err(req, ENOTDIR);
		return;
	}
	if (size > sizeof(buf))
		size = sizeof(buf);
	for (i = offset < 0 ? CDISK_ARRAY_SIZE(names) : (size_t)offset;
		i < CDISK_ARRAY_SIZE(names); i++) {
		struct stat st = {.st_ino = inos[i], .st_mode = i < 2 ? S_IFDIR : S_IFREG};
		size_t n = fuse_add_direntry(req, buf + used, size - used, names[i], &st,
			(off_t)i + 1);

		if (n > size - used)
			break;
		used += n;
	}
	(void)fuse_reply_buf(req, buf, used);
}

static void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct serve *s = serve_of(req);
	uint32_t block = s->start.description.sector_size;
	struct statvfs st = {
		.f_bsize = block,
		.f_frsize = block,
		.f_blocks = atomic_load(&s->disk_size) / block,
		.f_files = CDISK_ARRAY_SIZE(files),
		.f_namemax = 255,
	};

	(void)ino;
	(void)fuse_reply_statfs(req, &st);
}

static void op_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset, off_t length,
	struct fuse_file_info *fi)
{
	(void)fi;
	if (ino == SERVE_INO_DISK)
		serve_disk_fallocate(req, serve_of(req), mode, offset, length);
	else
		(void)fuse_reply_err(req, EOPNOTSUPP);
}

static void op_lseek(fuse_req_t req, fuse_ino_t ino, off_t offset, int whence,
	struct fuse_file_info *fi)
{
	(void)fi;
	if (ino == SERVE_INO_DISK)
		serve_disk_lseek(req, serve_of(req), offset, whence);
	else
		(void)fuse_reply_err(req, EINVAL);
}

static void op_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned int cmd, void *arg,
	struct fuse_file_info *fi, unsigned int flags, const void *in, size_t in_size,
	size_t out_size)
{
	(void)arg;
	(void)fi;
	if (ino != SERVE_INO_CONTROL || (flags & FUSE_IOCTL_DIR))
		(void)fuse_reply_err(req, ENOTTY);
	else
		serve_control(req, serve_of(req), cmd, in, in_size, out_size);
}

static void op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t dev)
{
	(void)parent;
	(void)name;
	(void)mode;
	(void)dev;
	(void)fuse_reply_err(req, EPERM);
}

static void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	op_mknod(req, parent, name, mode, 0);
}

static void op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *fi)
{
	(void)fi;
	op_mknod(req, parent, name, mode, 0);
}

static void op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	op_mknod(req, parent, name, 0, 0);
}

static void op_symlink(fuse_req_t req, const char *link, fuse_ino_t parent, const char *name)
{
	(void)link;
	op_mknod(req, parent, name, 0, 0);
}

static void op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	(void)ino;
	op_mknod(req, parent, name, 0, 0);
}

static void op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name, unsigned int flags)
{
	(void)new_parent;
	(void)new_name;
	(void)flags;
	op_mknod(req, parent, name, 0, 0);
}

const struct fuse_lowlevel_ops serve_ops = {
	.init = op_init,
	.lookup = op_lookup,
	.getattr = op_getattr,
	.setattr = op_setattr,
	.open = op_open,
	.release = op_release,
	.read = op_read,
	.write = op_write,
	.flush = op_flush,
	.fsync = op_fsync,
	.fsyncdir = op_fsyncdir,
	.readdir = op_readdir,
	.statfs = op_statfs,
	.fallocate = op_fallocate,
	.lseek = op_lseek,
	.ioctl = op_ioctl,
	.mknod = op_mknod,
	.mkdir = op_mkdir,
	.create = op_create,
	.unlink = op_unlink,
	.rmdir = op_unlink,
	.symlink = op_symlink,
	.link = op_link,
	.rename = op_rename,
};
