// SPDX-License-Identifier: GPL-2.0-or-later
/* The plain kind of backing: an open regular file or block device. */
#include "volume/backing.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/io.h"
#include "base/util.h"

struct file_backing {
	struct cdisk_backing backing; /* first, so that a pointer to it is one to this */
	int fd;
	bool block_device;
};

static const struct file_backing *file_of(const struct cdisk_backing *b)
{
	return (const struct file_backing *)b;
}

static int file_size(struct cdisk_backing *b, uint64_t *ret_size)
{
	return cdisk_fd_size(file_of(b)->fd, ret_size);
}

static int file_pread(struct cdisk_backing *b, void *buf, size_t size, uint64_t offset)
{
	int r = cdisk_pread_full(file_of(b)->fd, buf, size, offset);

	/* The file shrank under an open volume: to its user that is a medium that lost data. */
	return r == -ENODATA ? -EIO : r;
}

static int file_pwrite(struct cdisk_backing *b, const void *buf, size_t size, uint64_t offset)
{
	return cdisk_pwrite_full(file_of(b)->fd, buf, size, offset);
}

static int file_flush(struct cdisk_backing *b)
{
	return fdatasync(file_of(b)->fd) < 0 ? -errno : 0;
}

static int file_discard(struct cdisk_backing *b, uint64_t offset, uint64_t size)
{
	const struct file_backing *f = file_of(b);
	uint64_t range[2] = {offset, size};
	int r;

	if (f->block_device)
		r = ioctl(f->fd, BLKDISCARD, range);
	else
		r = fallocate(f->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
			(off_t)size);
	if (r == 0)
		return 0;
	return errno == ENOSYS || errno == ENOTTY ? -EOPNOTSUPP : -errno;
}

static void file_close(struct cdisk_backing *b)
{
	close(file_of(b)->fd);
	free(b);
}

static const struct cdisk_backing_ops file_ops = {
	.kind = "file",
	.size = file_size,
	.pread = file_pread,
	.pwrite = file_pwrite,
	.flush = file_flush,
	.discard = file_discard,
	.close = file_close,
};

int cdisk_backing_file(int fd, struct cdisk_backing **ret_backing)
{
	_cleanup_free_ struct file_backing *f = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return -EINVAL;
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->backing.ops = &file_ops;
	f->block_device = S_ISBLK(st.st_mode);
	f->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (f->fd < 0)
		return -errno;
	*ret_backing = &cdisk_steal(&f)->backing;
	return 0;
}

int cdisk_backing_fd(const struct cdisk_backing *b)
{
	return b->ops == &file_ops ? file_of(b)->fd : -EINVAL;
}
