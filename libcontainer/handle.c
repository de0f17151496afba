// SPDX-License-Identifier: GPL-2.0-or-later
/* The handle: settings, callbacks, the last message; and secrets made through it. */
#include <string.h>
#include "base/context.h"
#include "base/io.h"
#include "base/secret.h"
#include "crypto/crypto.h"

#define SECRET_READ_MAX (8u << 20) /* cryptsetup's limit for key files */
#define SECRET_READ_FIRST 4096u /* longer than almost every key; small enough for the pool */

int cdisk_new(struct cdisk **ret_cdisk)
{
	struct cdisk *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	*ret_cdisk = c;
	return 0;
}

void cdisk_free(struct cdisk *c)
{
	if (!c)
		return;
	free(c->run_dir);
	free(c->state_dir);
	free(c);
}

void cdisk_set_log(struct cdisk *c, cdisk_log_fn fn, void *data)
{
	c->log = fn;
	c->log_data = data;
}

void cdisk_set_progress(struct cdisk *c, cdisk_progress_fn fn, void *data)
{
	c->progress = fn;
	c->progress_data = data;
}

int cdisk_set_flags(struct cdisk *c, uint32_t flags)
{
	if (flags & ~(CDISK_SET_REQUIRE_LOCKED_MEMORY | CDISK_SET_ALLOW_NULL_CIPHER))
		return cdisk_fail(c, -EINVAL, "unknown setting 0x%x", flags);
	c->settings = flags;
	return 0;
}

static int set_dir(struct cdisk *c, const char *path, char **dir)
{
	char *copy;

	if (!path || path[0] != '/' || strlen(path) >= CDISK_PATH_SIZE / 2)
		return cdisk_fail(c, -EINVAL, "a directory must be given by a full path");
	copy = strdup(path);
	if (!copy)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	free(*dir);
	*dir = copy;
	return 0;
}

int cdisk_set_run_dir(struct cdisk *c, const char *path)
{
	return set_dir(c, path, &c->run_dir);
}

int cdisk_set_state_dir(struct cdisk *c, const char *path)
{
	return set_dir(c, path, &c->state_dir);
}

const char *cdisk_partial(const struct cdisk *c)
{
	return c->partial;
}

const char *cdisk_message(const struct cdisk *c)
{
	return c->message;
}

const char *cdisk_advice(const struct cdisk *c)
{
	return c->hint;
}

const char *cdisk_failed_object(const struct cdisk *c)
{
	return c->object;
}

const char *cdisk_library_version(void)
{
	return CDISK_VERSION;
}

void cdisk_strv_free(char **strv)
{
	if (!strv)
		return;
	for (char **s = strv; *s; s++)
		free(*s);
	free(strv);
}

static const char *const state_names[] = {
	[CDISK_STATE_LOCKED] = "locked",   [CDISK_STATE_UNLOCKED] = "unlocked",
	[CDISK_STATE_MOUNTED] = "mounted", [CDISK_STATE_STALE] = "stale",
	[CDISK_STATE_FOREIGN] = "foreign",
};

const char *cdisk_state_name(enum cdisk_state state)
{
	if ((size_t)state >= CDISK_ARRAY_SIZE(state_names) || !state_names[state])
		return "unknown";
	return state_names[state];
}

int cdisk_secret_new(struct cdisk *c, size_t size, struct cdisk_secret **ret_secret)
{
	_cleanup_secret_ struct cdisk_secret *s = NULL;

	/* First, so that libgcrypt's secure memory comes from the same pool as ours. */
	if (cdisk_crypto_init() < 0)
		return cdisk_fail(c, -ENOSYS, "libgcrypt is older than this program needs");
	if (size > SECRET_READ_MAX + 1)
		return cdisk_fail(c, -EINVAL, "a secret may have 8 MiB at most");
	if (cdisk_secret_alloc(size, &s) < 0)
		return cdisk_fail(c, -ENOMEM, "no memory for a secret of %zu bytes", size);
	if (!cdisk_secret_locked() && (c->settings & CDISK_SET_REQUIRE_LOCKED_MEMORY)) {
		cdisk_fail(c, -ENOMEM, "memory for secrets cannot be locked");
		cdisk_hint(c, "raise the limit (ulimit -l) or leave out --require-locked-memory");
		return -ENOMEM;
	}
	*ret_secret = cdisk_steal(&s);
	return 0;
}

/* Skips offset bytes of a descriptor that may be a pipe. */
static int skip(int fd, uint64_t offset)
{
	uint8_t buf[512];
	int r = 0;

	while (offset > 0 && r == 0) {
		size_t step = offset < sizeof(buf) ? (size_t)offset : sizeof(buf);
		ssize_t n = cdisk_read_all(fd, buf, step);

		if (n < 0)
			r = (int)n;
		else if ((size_t)n < step)
			r = -ENODATA;
		offset -= step;
	}
	explicit_bzero(buf, sizeof(buf));
	return r;
}

/*
 * At most max bytes of fd. Keys are short: pages of its own for the longest one that is allowed are
 * taken, locked and wiped only for a key that does not end before.
 */
static int read_growing(struct cdisk *c, int fd, size_t max, struct cdisk_secret **ret_secret,
			size_t *ret_size)
{
	_cleanup_secret_ struct cdisk_secret *first = NULL, *all = NULL;
	size_t some = max < SECRET_READ_FIRST ? max : SECRET_READ_FIRST;
	ssize_t n, more = 0;
	int r = cdisk_secret_new(c, some, &first);

	if (r < 0)
		return r;
	n = cdisk_read_all(fd, cdisk_secret_data(first), some);
	if (n >= 0 && (size_t)n == some && some < max) {
		r = cdisk_secret_new(c, max, &all);
		if (r < 0)
			return r;
		memcpy(cdisk_secret_data(all), cdisk_secret_data(first), some);
		more = cdisk_read_all(fd, (uint8_t *)cdisk_secret_data(all) + some, max - some);
	}
	if (n < 0 || more < 0) {
		r = (int)(n < 0 ? n : more);
		return cdisk_fail(c, r, "cannot read the key: %s", strerror(-r));
	}
	*ret_size = (size_t)(n + more);
	*ret_secret = all ? cdisk_steal(&all) : cdisk_steal(&first);
	return 0;
}

int cdisk_secret_read(struct cdisk *c, int fd, uint64_t offset, size_t size,
		      struct cdisk_secret **ret_secret)
{
	_cleanup_secret_ struct cdisk_secret *s = NULL;
	size_t n = 0;
	int r;

	r = skip(fd, offset);
	if (r < 0)
		return cdisk_fail(c, r == -ENODATA ? -EINVAL : r, "the key file ends before its offset %llu",
				  (unsigned long long)offset);
	r = read_growing(c, fd, size ? size : SECRET_READ_MAX + 1, &s, &n);
	if (r < 0)
		return r;
	if (!size && n > SECRET_READ_MAX)
		return cdisk_fail(c, -EINVAL, "the key file is larger than 8 MiB");
	if (size && n < size)
		return cdisk_fail(c, -EINVAL, "the key file ends before %zu bytes were read", size);
	/* A copy of the right size: most keys then lie in the pool, not in pages of their own. */
	return cdisk_secret_copy(cdisk_secret_data(s), n, ret_secret);
}
