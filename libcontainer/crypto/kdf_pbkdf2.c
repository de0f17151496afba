// SPDX-License-Identifier: GPL-2.0-or-later
/* PBKDF2 (RFC 8018) of our own, since libgcrypt's cannot be stopped. */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include "base/secret.h"
#include "crypto/gcrypt_init.h"
#include "crypto/kdf.h"

/* Between two looks at the clock: at most about 2 ms with the slowest hash. */
#define ITERATIONS_PER_LOOK 256u

struct pbkdf2 {
	uint64_t u[CDISK_HASH_MAX / sizeof(uint64_t)]; /* U_i of RFC 8018 */
	uint64_t t[CDISK_HASH_MAX / sizeof(uint64_t)]; /* their XOR */
	gcry_md_hd_t hmac;
	size_t digest_size;
	cdisk_kdf_tick_fn tick;
	void *data;
	uint64_t last_tick; /* ms */
};

static int look_at_clock(struct pbkdf2 *p)
{
	uint64_t now = cdisk_kdf_clock_ms();

	if (!p->tick || now - p->last_tick < CDISK_KDF_TICK_MS)
		return 0;
	p->last_tick = now;
	return p->tick(p->data) == 0 ? 0 : -ECANCELED;
}

/* T_n, in p->t. */
static int block(struct pbkdf2 *p, const struct cdisk_kdf *kdf, uint32_t n)
{
	uint32_t be = htobe32(n);
	int r;

	gcry_md_reset(p->hmac);
	gcry_md_write(p->hmac, kdf->salt, kdf->salt_size);
	gcry_md_write(p->hmac, &be, sizeof(be));
	memcpy(p->u, gcry_md_read(p->hmac, 0), p->digest_size);
	memcpy(p->t, p->u, sizeof(p->t));
	for (uint64_t i = 1; i < kdf->passes; i++) {
		gcry_md_reset(p->hmac); /* back to the state that has the key in it */
		gcry_md_write(p->hmac, p->u, p->digest_size);
		memcpy(p->u, gcry_md_read(p->hmac, 0), p->digest_size);
		for (size_t w = 0; w < sizeof(p->t) / sizeof(p->t[0]); w++)
			p->t[w] ^= p->u[w];
		if (i % ITERATIONS_PER_LOOK != 0)
			continue;
		r = look_at_clock(p);
		if (r < 0)
			return r;
	}
	return 0;
}

static int blocks(struct pbkdf2 *p, const struct cdisk_kdf *kdf, uint8_t *key, size_t key_size)
{
	uint32_t n = 1;
	int r;

	for (size_t at = 0; at < key_size; at += p->digest_size, n++) {
		size_t piece = key_size - at < p->digest_size ? key_size - at : p->digest_size;

		/* The words behind a digest of 20 or 28 bytes must stay zero. */
		memset(p->u, 0, sizeof(p->u));
		r = block(p, kdf, n);
		if (r < 0)
			return r;
		memcpy(key + at, p->t, piece);
	}
	return 0;
}

int cdisk_pbkdf2(const struct cdisk_kdf *kdf, struct cdisk_secret *passphrase, uint8_t *key,
	size_t key_size, cdisk_kdf_tick_fn tick, void *data)
{
	struct pbkdf2 *p = cdisk_pool_alloc(sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->tick = tick;
	p->data = data;
	p->last_tick = cdisk_kdf_clock_ms();
	r = cdisk_hmac_open(kdf->hash, cdisk_secret_data(passphrase), cdisk_secret_size(passphrase),
		&p->hmac, &p->digest_size);
	if (r == 0) {
		r = blocks(p, kdf, key, key_size);
		gcry_md_close(p->hmac);
	}
	cdisk_pool_free(p);
	return r;
}
