// SPDX-License-Identifier: GPL-2.0-or-later
/* Overwriting what a file or device held before it becomes a container. */
#include <string.h>
#include "base/io.h"
#include "create.h"
#include "crypto/crypto.h"
#include "volume/backing.h"

#define CHUNK (1u << 20)

static int discard(struct cdisk *c, int fd, uint64_t from, uint64_t to)
{
	struct cdisk_backing *b;
	int r = cdisk_backing_file(fd, &b);

	if (r == 0) {
		r = b->ops->discard(b, from, to - from);
		b->ops->close(b);
	}
	if (r == -EOPNOTSUPP)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "the file's storage cannot discard; use --wipe zero or random");
	return r < 0 ? cdisk_fail(c, r, "cannot discard: %s", strerror(-r)) : 0;
}

/* A key that nobody ever sees: what it encrypts looks like what will be written later. */
static int random_cipher(struct cdisk *c, struct cdisk_cipher **ret_cipher)
{
	_cleanup_secret_ struct cdisk_secret *key = NULL;
	struct cdisk_cipher_spec spec;
	int r = cdisk_cipher_parse("aes", "xts-plain64", 64, 4096, &spec);

	if (r == 0)
		r = cdisk_secret_new(c, 64, &key);
	if (r == 0)
		r = cdisk_random(cdisk_secret_data(key), 64);
	if (r == 0)
		r = cdisk_cipher_new(&spec, cdisk_secret_data(key), ret_cipher);
	return r < 0 ? cdisk_fail(c, r, "cannot make random data: %s", strerror(-r)) : 0;
}

static int overwrite(struct cdisk *c, int fd, uint64_t from, uint64_t to,
		     struct cdisk_cipher *cipher, uint8_t *zeros, uint8_t *buf)
{
	uint64_t at = from;
	int r = 0;

	while (r == 0 && at < to) {
		size_t step = to - at < CHUNK ? (size_t)(to - at) : CHUNK;

		if (cipher)
			r = cdisk_cipher_encrypt(cipher, at / CDISK_SECTOR_MIN, buf, zeros, CHUNK);
		if (r == 0)
			r = cdisk_pwrite_full(fd, cipher ? buf : zeros, step, at);
		if (r < 0)
			return cdisk_fail(c, r, "cannot overwrite the container: %s", strerror(-r));
		at += step;
		r = cdisk_progress(c, "overwriting", at - from, to - from);
	}
	return r;
}

int cdisk_create_wipe(struct cdisk *c, int fd, uint64_t from, uint64_t to, enum cdisk_wipe wipe)
{
	_cleanup_cipher_ struct cdisk_cipher *cipher = NULL;
	_cleanup_free_ uint8_t *zeros = NULL, *buf = NULL;
	int r = 0;

	if (wipe == CDISK_WIPE_NONE || from >= to)
		return 0;
	if (wipe == CDISK_WIPE_DISCARD)
		return discard(c, fd, from, to);
	if (wipe == CDISK_WIPE_RANDOM)
		r = random_cipher(c, &cipher);
	if (r < 0)
		return r;
	zeros = calloc(1, CHUNK);
	buf = malloc(CHUNK);
	if (!zeros || !buf)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	return overwrite(c, fd, from, to, cipher, zeros, buf);
}
