// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests on the file `control` (base/serve_link.h). One at a time, since each may make the kernel
 * drop cached pages, which waits for reads that other workers have to answer: it is told so when
 * no lock is held, and never by more than one worker.
 */
#include "serve.h"

#include <string.h>

static atomic_flag busy = ATOMIC_FLAG_INIT;

/* What the kernel has cached of `disk` and may not keep. */
struct stale {
	uint64_t offset, length; /* length 0 = to the end */
	bool any;
};

static int control_resize(struct serve *s, struct cdisk_control_resize *q, struct stale *stale)
{
	uint64_t old = atomic_load(&s->disk_size);
	int r;

	if (q->size != sizeof(*q) || q->flags != 0)
		return -EINVAL;
	r = cdisk_plain_resize(s->volume);
	if (r < 0)
		return r;
	q->volume_size = cdisk_plain_size(s->volume);
	atomic_store(&s->disk_size, q->volume_size);
	(void)serve_info_update(s);
	/* The old last page may be cached with zeros behind the old end. */
	stale->any = q->volume_size != old;
	stale->offset = cdisk_round_down(old < q->volume_size ? old : q->volume_size, 4096);
	return 0;
}

static int control_trim(struct serve *s, struct cdisk_control_range *q, struct stale *stale)
{
	int r;

	if (q->size != sizeof(*q) || q->flags != 0)
		return -EINVAL;
	if (s->read_only)
		return -EROFS;
	r = cdisk_plain_discard(s->volume, q->offset, q->length, &q->done);
	stale->any = r == 0 && q->length > 0;
	stale->offset = q->offset;
	stale->length = q->length;
	return r;
}

static int control_do(struct serve *s, unsigned int cmd, void *q)
{
	struct stale stale = {0};
	int r;

	if (atomic_flag_test_and_set(&busy))
		return -EBUSY;
	r = serve_volume_enter(s);
	if (r == 0) {
		if (cmd == CDISK_CONTROL_RESIZE)
			r = control_resize(s, q, &stale);
		else
			r = control_trim(s, q, &stale);
		serve_volume_leave(s);
	}
	/* Fails where nothing is cached. */
	if (stale.any)
		(void)fuse_lowlevel_notify_inval_inode(s->session, SERVE_INO_DISK,
			(off_t)stale.offset, (off_t)stale.length);
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
