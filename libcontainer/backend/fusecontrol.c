// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests to the control file of the caller's own server. */
#include "backend/server.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "backend/child.h"
#include "base/serve_link.h"

#define BUSY_MS 5000
#define STEP_MS 20
#define LOCK_MS 3600000 /* the server's flush may take as long as the medium is slow */

/* Open for requests; not opened when the server would not answer. */
static int control_open(struct cdisk *c, const struct cdisk_attachment *a, int *ret_fd)
{
	char path[CDISK_PATH_SIZE + 16];
	int r = cdisk_server_stopped_refuse(c, a, "control");

	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "%s/control", a->directory);
	*ret_fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	return *ret_fd < 0 ? -errno : 0;
}

/* It does one thing at a time. */
static int control_ask(int fd, unsigned long request, void *arg)
{
	uint64_t end = cdisk_now_ms() + BUSY_MS;

	while (ioctl(fd, request, arg) < 0) {
		if (errno != EBUSY || cdisk_now_ms() >= end)
			return -errno;
		cdisk_sleep_ms(STEP_MS);
	}
	return 0;
}

static int control_failed(struct cdisk *c, const struct cdisk_attachment *a, int r)
{
	if (r == -ENOKEY) {
		(void)cdisk_fail(c, -CDISK_ERR_LOCKED, "%s is locked", a->disk);
		cdisk_hint(c, "'cryptdisk resume' it first");
		return -CDISK_ERR_LOCKED;
	}
	return cdisk_fail(c, r, "the server of %s refuses: %s", a->disk, strerror(-r));
}

/* c->error is the result where the sentence has been said already. */
static int control_try(
	struct cdisk *c, const struct cdisk_attachment *a, unsigned long request, void *arg)
{
	_cleanup_close_ int fd = -1;
	int r;

	c->error = 0;
	r = control_open(c, a, &fd);
	return r < 0 ? r : control_ask(fd, request, arg);
}

static int control_call(
	struct cdisk *c, const struct cdisk_attachment *a, unsigned long request, void *arg)
{
	int r = control_try(c, a, request, arg);

	return r < 0 && c->error != r ? control_failed(c, a, r) : r;
}

int cdisk_fuse_resize(struct cdisk *c, const struct cdisk_attachment *a, uint64_t *ret_size)
{
	struct cdisk_control_resize request = {.size = sizeof(request)};
	struct stat st;
	int r = control_call(c, a, CDISK_CONTROL_RESIZE, &request);

	if (r < 0)
		return r;
	/* The kernel asks for the file's size again before the loop device takes it over. */
	if (stat(a->disk, &st) < 0)
		return cdisk_fail(c, -errno, "cannot look at %s: %s", a->disk, strerror(errno));
	if (a->node[0]) {
		r = cdisk_loop_resize(c, a->node);
		if (r < 0)
			return r;
	}
	*ret_size = request.volume_size;
	return 0;
}

int cdisk_fuse_trim(struct cdisk *c, const struct cdisk_attachment *a, uint64_t offset,
	uint64_t length, uint64_t *ret_bytes)
{
	struct cdisk_control_range request = {
		.size = sizeof(request), .offset = offset, .length = length};
	int r = control_call(c, a, CDISK_CONTROL_TRIM, &request);

	if (r == 0)
		*ret_bytes = request.done;
	return r;
}

static int lock_in_child(const void *data, int out)
{
	struct cdisk_control_lock request = {.size = sizeof(request)};
	int fd = open(data, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	(void)out;
	return fd < 0 ? -errno : control_ask(fd, CDISK_CONTROL_LOCK, &request);
}

struct locking {
	struct cdisk *c;
	const struct cdisk_attachment *a;
};

static int lock_go_on(void *data)
{
	const struct locking *l = data;
	int r = cdisk_server_stopped_refuse(l->c, l->a, "lock");

	return r < 0 ? r : cdisk_progress(l->c, "locking", 0, 0);
}

/* In a child: the server flushes first, and its medium may be slow, or hang. */
int cdisk_fuse_lock(struct cdisk *c, const struct cdisk_attachment *a)
{
	struct locking l = {.c = c, .a = a};
	char path[CDISK_PATH_SIZE + 16];
	int r;

	/* This needs no answer of the server. */
	if (cdisk_server_locked(a->pid, a->pid_start))
		return -EALREADY;
	r = cdisk_server_stopped_refuse(c, a, "lock");
	if (r < 0)
		return r;
	c->error = 0;
	(void)snprintf(path, sizeof(path), "%s/control", a->directory);
	r = cdisk_child_watch(lock_in_child, path, LOCK_MS, NULL, 0, lock_go_on, &l);
	if (r == 0 || r == -EALREADY || c->error == r)
		return r;
	if (r == -EOPNOTSUPP)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"%s cannot be locked: it has no key that could be wiped", a->disk);
	if (r == -ENOTTY)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"%s cannot be locked: its server is of an older version", a->disk);
	return control_failed(c, a, r);
}

static int resume_ask(struct cdisk *c, const struct cdisk_attachment *a, void *request)
{
	int r = control_try(c, a, CDISK_CONTROL_RESUME, request);

	if (r == 0 || r == -EALREADY || c->error == r)
		return r;
	if (r == -EKEYREJECTED)
		return cdisk_fail(c, -CDISK_ERR_PASSPHRASE,
			"the key is another one than that of the volume at %s", a->disk);
	return control_failed(c, a, r);
}

/* Here and not in a child, which would see zeros in place of the key. */
int cdisk_fuse_resume(
	struct cdisk *c, const struct cdisk_attachment *a, const struct cdisk_attach_spec *spec)
{
	_cleanup_secret_ struct cdisk_secret *memory = NULL;
	struct cdisk_control_resume *request;
	struct cdisk_secret *key = spec->description->key;

	if (!key || cdisk_secret_size(key) > sizeof(request->key))
		return cdisk_fail(c, -EINVAL, "no key that %s could have had", a->disk);
	if (cdisk_secret_alloc(sizeof(*request), &memory) < 0)
		return cdisk_fail(c, -ENOMEM, "not enough memory for the key");
	request = cdisk_secret_data(memory);
	request->size = sizeof(*request);
	request->key_size = (uint32_t)cdisk_secret_size(key);
	memcpy(request->key, cdisk_secret_data(key), request->key_size);
	return resume_ask(c, a, request);
}
