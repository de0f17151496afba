// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Locking: the key leaves this process while its disk stays. What is kept is a check value, HMAC-
 * SHA-256 of the key under random bytes of this process: it lets nothing but that key back in.
 */
#include "serve.h"

#include <fcntl.h>
#include <string.h>
#include "base/io.h"

static int check_make(const struct serve *s, struct cdisk_secret *key, uint8_t *ret_check)
{
	return cdisk_hmac("sha256", s->key_salt, sizeof(s->key_salt), cdisk_secret_data(key),
		cdisk_secret_size(key), ret_check);
}

int serve_lock_prepare(struct serve *s)
{
	int r = cdisk_random(s->key_salt, sizeof(s->key_salt));

	if (r == 0 && s->start.description.key)
		r = check_make(s, s->start.description.key, s->key_check);
	if (r < 0)
		return cdisk_fail(&s->c, r, "no check value can be made of the key: %s",
			strerror(serve_errno(r)));
	return 0;
}

int serve_comm_open(void)
{
	return open("/proc/self/comm", O_WRONLY | O_CLOEXEC);
}

/* Best effort: `info` tells the same to those who may ask. */
static void comm_set(const struct serve *s, const char *name)
{
	if (s->comm_fd >= 0)
		(void)cdisk_write_all(s->comm_fd, name, strlen(name));
}

int serve_lock(struct serve *s)
{
	const struct cdisk_description *d = cdisk_plain_description(s->volume);
	int r;

	if (cdisk_plain_locked(s->volume))
		return -EALREADY;
	if (!d->key || cdisk_secret_size(d->key) > CDISK_CONTROL_KEY_MAX)
		return -EOPNOTSUPP;
	r = cdisk_plain_lock(s->volume);
	if (r < 0)
		return r;
	comm_set(s, CDISK_SERVE_COMMAND_LOCKED);
	(void)serve_info_update(s);
	return 0;
}

int serve_resume(struct serve *s, struct cdisk_secret **key)
{
	uint8_t check[CDISK_HASH_MAX] = {0};
	bool same;
	int r;

	if (!cdisk_plain_locked(s->volume))
		return -EALREADY;
	r = check_make(s, *key, check);
	if (r < 0)
		return r;
	same = cdisk_memequal(check, s->key_check, sizeof(check));
	explicit_bzero(check, sizeof(check));
	if (!same)
		return -EKEYREJECTED;
	r = cdisk_plain_unlock(s->volume, key);
	if (r < 0)
		return r;
	comm_set(s, CDISK_SERVE_COMMAND);
	(void)serve_info_update(s);
	return 0;
}
