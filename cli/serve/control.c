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
	if (cdisk_plain_locked(s->volume))
		return -ENOKEY;
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
	if (cdisk_plain_locked(s->volume))
		return -ENOKEY;
	if (s->read_only)
		return -EROFS;
	return cdisk_plain_discard(s->volume, q->offset, q->length, &q->done);
}

static int control_lock(struct serve *s, struct cdisk_control_lock *q)
{
	if (q->size != sizeof(*q) || q->flags != 0)
		return -EINVAL;
	return serve_lock(s);
}

static bool all_zero(const uint8_t *bytes, size_t n)
{
	uint8_t any = 0;

	while (n > 0)
		any |= bytes[--n];
	return any == 0;
}

static int control_resume(struct serve *s, struct cdisk_control_resume *q)
{
	_cleanup_secret_ struct cdisk_secret *key = NULL;
	int r;

	if (q->size != sizeof(*q) || q->flags != 0 || q->reserved != 0 || q->key_size == 0 ||
		q->key_size > sizeof(q->key) ||
		!all_zero(q->key + q->key_size, sizeof(q->key) - q->key_size))
		return -EINVAL;
	r = cdisk_secret_copy(q->key, q->key_size, &key);
	return r < 0 ? r : serve_resume(s, &key);
}

static int control_run(struct serve *s, unsigned int cmd, void *q)
{
	if (cmd == CDISK_CONTROL_RESIZE)
		return control_resize(s, q);
	if (cmd == CDISK_CONTROL_TRIM)
		return control_trim(s, q);
	return cmd == CDISK_CONTROL_LOCK ? control_lock(s, q) : control_resume(s, q);
}

static int control_do(struct serve *s, unsigned int cmd, void *q)
{
	int r;

	if (atomic_flag_test_and_set(&busy))
		return -EBUSY;
	r = serve_volume_enter(s);
	if (r == 0) {
		r = control_run(s, cmd, q);
		serve_volume_leave(s);
	}
	if (r == 0 && cmd == CDISK_CONTROL_RESIZE)
		size_announce(s);
	atomic_flag_clear(&busy);
	return r;
}

/* What is read and written of the caller's struct; 0 = no request of ours. */
static size_t request_size(unsigned int cmd, size_t *ret_out)
{
	size_t size = 0;

	if (cmd == CDISK_CONTROL_RESIZE)
		size = sizeof(struct cdisk_control_resize);
	else if (cmd == CDISK_CONTROL_TRIM)
		size = sizeof(struct cdisk_control_range);
	*ret_out = size;
	if (cmd == CDISK_CONTROL_LOCK)
		size = sizeof(struct cdisk_control_lock);
	else if (cmd == CDISK_CONTROL_RESUME)
		size = sizeof(struct cdisk_control_resume);
	return size;
}

/* The request in secret memory: it may hold a key, of which nothing stays where it arrived. */
static int request_take(const void *in, size_t size, struct cdisk_secret **ret_request)
{
	int r = -EINVAL;

	if (size <= sizeof(struct cdisk_control_resume))
		r = cdisk_secret_copy(in, size, ret_request);
	/* The buffer is the worker's own; libfuse only hands it on as constant. */
	explicit_bzero((void *)(uintptr_t)in, size);
	return r;
}

void serve_control(fuse_req_t req, struct serve *s, unsigned int cmd, const void *in,
	size_t in_size, size_t out_size)
{
	_cleanup_secret_ struct cdisk_secret *request = NULL;
	size_t out, size = request_size(cmd, &out);
	bool exact = in_size == size && out_size >= out;
	int r = 0;

	if (in_size > 0)
		r = request_take(in, in_size, &request);
	if (fuse_req_ctx(req)->uid != s->start.uid)
		r = -EACCES;
	else if (size == 0)
		r = -ENOTTY;
	else if (!exact)
		r = -EINVAL;
	if (r == 0)
		r = control_do(s, cmd, cdisk_secret_data(request));
	if (r < 0)
		(void)fuse_reply_err(req, serve_errno(r));
	else
		(void)fuse_reply_ioctl(req, 0, out ? cdisk_secret_data(request) : NULL, out);
	if (r == 0 && cmd == CDISK_CONTROL_RESUME)
		serve_held_go(s);
}
