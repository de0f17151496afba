// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/lrw.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include "base/secret.h"
#include "crypto/gcrypt_init.h"

#define BLOCK 16u
#define CHUNK 512u

struct element {
	uint64_t hi, lo; /* coefficients of x^127..x^64 and x^63..x^0 */
};

struct cdisk_lrw {
	/*
	 * prefix[n] = K2 * (x^n + ... + x + 1). Numbers i and i + 1 differ in exactly such a run
	 * of low bits, so the next tweak costs one XOR; K2 * x^n is prefix[n] XOR prefix[n - 1].
	 */
	struct element prefix[128];
	uint8_t tweak[CHUNK];
};

static struct element load(const uint8_t *p)
{
	uint64_t w[2];

	memcpy(w, p, sizeof(w));
	return (struct element){be64toh(w[0]), be64toh(w[1])};
}

static void store(uint8_t *p, struct element e)
{
	uint64_t w[2] = {htobe64(e.hi), htobe64(e.lo)};

	memcpy(p, w, sizeof(w));
}

static struct element add(struct element a, struct element b)
{
	return (struct element){a.hi ^ b.hi, a.lo ^ b.lo};
}

/* Modulo x^128 + x^7 + x^2 + x + 1; without a branch, since e is made from the key. */
static struct element times_x(struct element e)
{
	uint64_t carry = UINT64_C(0) - (e.hi >> 63);

	return (struct element){e.hi << 1 | e.lo >> 63, e.lo << 1 ^ (carry & 0x87)};
}

int cdisk_lrw_new(const uint8_t *key, struct cdisk_lrw **ret_lrw)
{
	struct cdisk_lrw *lrw = cdisk_pool_alloc(sizeof(*lrw));
	struct element power;

	if (!lrw)
		return -ENOMEM;
	power = load(key);
	lrw->prefix[0] = power;
	for (unsigned int n = 1; n < 128; n++) {
		power = times_x(power);
		lrw->prefix[n] = add(lrw->prefix[n - 1], power);
	}
	explicit_bzero(&power, sizeof(power));
	*ret_lrw = lrw;
	return 0;
}

void cdisk_lrw_free(struct cdisk_lrw *lrw)
{
	cdisk_pool_free(lrw);
}

/* K2 * i. The number is public, so branches on its bits tell nothing. */
static struct element multiply(const struct cdisk_lrw *lrw, struct element i)
{
	struct element t = {0, 0};

	for (unsigned int n = 0; n < 128; n++) {
		uint64_t word = n < 64 ? i.lo : i.hi;

		if (!(word >> (n % 64) & 1))
			continue;
		t = add(t, lrw->prefix[n]);
		if (n > 0)
			t = add(t, lrw->prefix[n - 1]);
	}
	return t;
}

/* Number of low one bits of *i, which then counts on. */
static unsigned int next_number(struct element *i)
{
	unsigned int ones;

	if (~i->lo)
		ones = (unsigned int)__builtin_ctzll(~i->lo);
	else
		ones = ~i->hi ? 64 + (unsigned int)__builtin_ctzll(~i->hi) : 127;
	i->hi += ++i->lo == 0;
	return ones;
}

static void xor_into(uint8_t *dst, const uint8_t *a, const uint8_t *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
		dst[i] = a[i] ^ b[i];
}

int cdisk_lrw_crypt(struct cdisk_lrw *lrw, gcry_cipher_hd_t ecb, bool encrypt, const uint8_t iv[16],
	uint8_t *dst, const uint8_t *src, size_t size)
{
	struct element number = load(iv);
	struct element t = multiply(lrw, number);
	gcry_error_t e = 0;

	if (size % BLOCK != 0)
		return -EINVAL;
	for (size_t at = 0; at < size && !e; at += CHUNK) {
		size_t n = size - at < CHUNK ? size - at : CHUNK;

		for (size_t b = 0; b < n; b += BLOCK) {
			store(lrw->tweak + b, t);
			t = add(t, lrw->prefix[next_number(&number)]);
		}
		xor_into(dst + at, src + at, lrw->tweak, n);
		e = encrypt ? gcry_cipher_encrypt(ecb, dst + at, n, NULL, 0)
			    : gcry_cipher_decrypt(ecb, dst + at, n, NULL, 0);
		xor_into(dst + at, dst + at, lrw->tweak, n);
	}
	explicit_bzero(&t, sizeof(t));
	return cdisk_gcry_error(e);
}
