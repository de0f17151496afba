// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests on the file `disk`. It is open while they come, so the volume is there; what needs the
 * key waits while it is locked. Flushing does not: what was answered has been written.
 */
#include "serve.h"

#include <fcntl.h>
#include <linux/falloc.h>

/*
 * Zeros are written (encrypted) up to this size at once. For more, the kernel or mkfs is told that
 * it cannot be done and writes zeros itself, in pieces that can be interrupted and counted.
 */
#define ZERO_MAX (64 * 1024 * 1024)

static int io_run(struct serve *s, const struct serve_io *io)
{
	switch (io->kind) {
	case SERVE_READ:
		return cdisk_plain_pread(s->volume, serve_reply_buffer(), io->size, io->offset);
	case SERVE_WRITE:
		return cdisk_plain_pwrite(s->volume, io->data, io->size, io->offset);
	case SERVE_ZERO:
		return cdisk_plain_zero(s->volume, io->offset, io->size);
	}
	return -EINVAL;
}

void serve_disk_io(struct serve *s, const struct serve_io *io)
{
	int r, held = 0;

	do {
		r = io_run(s, io);
		if (r == -ENOKEY)
			held = serve_hold(s, io);
	} while (r == -ENOKEY && held == 0);
	if (held > 0)
		return;
	if (held < 0)
		r = held;
	if (r < 0)
		(void)fuse_reply_err(io->req, serve_errno(r));
	else if (io->kind == SERVE_READ)
		(void)fuse_reply_buf(io->req, serve_reply_buffer(), io->size);
	else if (io->kind == SERVE_WRITE)
		(void)fuse_reply_write(io->req, io->size);
	else
		(void)fuse_reply_err(io->req, 0);
}

void serve_disk_read(fuse_req_t req, struct serve *s, size_t size, off_t offset)
{
	struct serve_io io = {.req = req, .kind = SERVE_READ, .offset = (uint64_t)offset};
	uint64_t end = atomic_load(&s->disk_size), at = (uint64_t)offset;

	if (offset < 0 || at >= end) {
		(void)fuse_reply_buf(req, NULL, 0);
		return;
	}
	if (size > SERVE_MAX_IO)
		size = SERVE_MAX_IO;
	if (size > end - at)
		size = (size_t)(end - at);
	io.size = size;
	serve_disk_io(s, &io);
}

/* Like a block device: what fits is written, and at the end there is no space. */
void serve_disk_write(fuse_req_t req, struct serve *s, const char *buf, size_t size, off_t offset)
{
	struct serve_io io = {
		.req = req, .kind = SERVE_WRITE, .offset = (uint64_t)offset, .data = buf};
	uint64_t end = atomic_load(&s->disk_size), at = (uint64_t)offset;

	if (offset < 0 || at >= end) {
		(void)fuse_reply_err(req, size == 0 ? 0 : ENOSPC);
		return;
	}
	if (size > end - at)
		size = (size_t)(end - at);
	io.size = size;
	serve_disk_io(s, &io);
}

void serve_disk_flush(fuse_req_t req, struct serve *s)
{
	int r = cdisk_plain_flush(s->volume);

	(void)fuse_reply_err(req, r < 0 ? serve_errno(r) : 0);
}

/*
 * Only zeros that were asked for as zeros. A punched hole is mostly a discard, for which writing is
 * the wrong work, and who needs zeros falls back to writing them; ciphertext is never punched for
 * it. Space is not reserved: that promise could not be kept on a sparse container.
 */
void serve_disk_fallocate(fuse_req_t req, struct serve *s, int mode, off_t offset, off_t length)
{
	struct serve_io io = {.req = req, .kind = SERVE_ZERO, .offset = (uint64_t)offset};
	int r = 0;

	if ((mode & ~FALLOC_FL_KEEP_SIZE) != FALLOC_FL_ZERO_RANGE || length > ZERO_MAX)
		r = -EOPNOTSUPP;
	else if (s->read_only)
		r = -EROFS;
	else if (offset < 0 || length <= 0 ||
		 !cdisk_range_inside((uint64_t)offset, (uint64_t)length,
			 atomic_load(&s->disk_size)))
		r = -ENOSPC;
	if (r < 0) {
		(void)fuse_reply_err(req, serve_errno(r));
		return;
	}
	io.size = (size_t)length;
	serve_disk_io(s, &io);
}

/* All of it is data: holes of the container are not zeros of the volume. */
void serve_disk_lseek(fuse_req_t req, struct serve *s, off_t offset, int whence)
{
	off_t end = (off_t)atomic_load(&s->disk_size);

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		(void)fuse_reply_err(req, EINVAL);
	else if (offset < 0 || offset >= end)
		(void)fuse_reply_err(req, ENXIO);
	else
		(void)fuse_reply_lseek(req, whence == SEEK_DATA ? offset : end);
}
