// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests on the file `control` (base/serve_link.h), one at a time. The server never asks the
 * kernel to drop cached pages: that waits for reads which other workers have to answer, and a
 * server that is killed meanwhile could not end, and keep everything hanging.
 */
#include "serve.h"

#include <string.h>

static atomic_flag busy = ATOMIC_FLAG_INIT;

/*
 * Length 0 at a negative offset: the kernel forgets the attributes only. The next to ask for them
 * sees the new size, and the kernel drops what it has cached of the file in that caller's time.
 */
static void size_announce(struct serve *s)
{
	(void)fuse_lowlevel_notify_inval_inode(s->session, SERVE_INO_DISK, -1, 0);
}

static int control_resize(struct serve *s, struct cdisk_control_resize *q)
{
	int r;

	if (q->size != sizeof(*q) || q->flags != 0)
		return -EINVAL;
	r = cdisk_plain_resize(s->volume);
	if (r < 0)
		return r;
	q->volume_size = cdisk_plain_size(s->volume);
	atomic_store(&s->disk_size, q->volume_size);
	(void)serve_info_update(s);
	return 0;
}

/* What is cached of a trimmed range may stay: its content is undefined anyway. */
static int control_trim(struct serve *s, struct cdisk_control_range *q)
{
	if (q->size != sizeof(*q) || q->flags != 0)
		return -EINVAL;
	if (s->read_only)
		return -EROFS;
	return cdisk_plain_discard(s->volume, q->offset, q->length, &q->done);
}

static int control_do(struct serve *s, unsigned int cmd, void *q)
{
	int r;

	if (atomic_flag_test_and_set(&busy))
		return -EBUSY;
	r = serve_volume_enter(s);
	if (r == 0) {
		if (cmd == CDISK_CONTROL_RESIZE)
			r = control_resize(s, q);
		else
			r = control_trim(s, q);
		serve_volume_leave(s);
	}
	if (r == 0 && cmd == CDISK_CONTROL_RESIZE)
		size_announce(s);
	atomic_flag_clear(&busy);
	return r;
}

void serve_control(fuse_req_t req, struct serve *s, unsigned int cmd, const void *in,
	size_t in_size, size_t out_size)
{
	union {
		struct cdisk_control_resize resize;
		struct cdisk_control_range range;
	} q;
	size_t size;
	int r;

	if (cmd == CDISK_CONTROL_RESIZE)
		size = sizeof(q.resize);
	else if (cmd == CDISK_CONTROL_TRIM)
		size = sizeof(q.range);
	else
		size = 0;
	if (fuse_req_ctx(req)->uid != s->start.uid)
		r = -EACCES;
	else if (size == 0)
		r = -ENOTTY;
	else if (in_size != size || out_size < size)
		r = -EINVAL;
	else
		r = 0;
	if (r == 0) {
		memcpy(&q, in, size);
		r = control_do(s, cmd, &q);
	}
	if (r < 0)
		(void)fuse_reply_err(req, serve_errno(r));
	else
		(void)fuse_reply_ioctl(req, 0, &q, size);
}
