// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <string.h>
#include "base/secret.h"
#include "crypto/cipher_spec.h"
#include "crypto/cipher_unit.h"
#include "crypto/crypto.h"
#include "crypto/gcrypt_init.h"
#include "crypto/lrw.h"

struct cdisk_cipher {
	struct cdisk_cipher_spec spec;
	uint32_t block;                          /* bytes */
	uint32_t iv_step;                        /* IV units a sector */
	gcry_cipher_hd_t links[CDISK_CHAIN_MAX]; /* in the order encryption applies them */
	gcry_cipher_hd_t essiv;                  /* ECB; only for ESSIV */
	struct cdisk_lrw *lrw;                   /* only for LRW */
};

/*
 * A key that a volume was made with must open it, weak or not: libgcrypt reports such a key after
 * it has set it.
 */
static int handle_open(uint8_t algo, int mode, const uint8_t *key, size_t key_size,
	size_t primary_size, gcry_cipher_hd_t *ret_handle)
{
	int gcry_algo = cdisk_cipher_gcry_algo(algo, primary_size);
	gcry_cipher_hd_t h;
	gcry_error_t e;

	if (!gcry_algo)
		return -EOPNOTSUPP;
	e = gcry_cipher_open(&h, gcry_algo, mode, GCRY_CIPHER_SECURE);
	if (e)
		return cdisk_gcry_error(e);
	gcry_cipher_ctl(h, GCRYCTL_SET_ALLOW_WEAK_KEY, NULL, 1);
	e = gcry_cipher_setkey(h, key, key_size);
	cdisk_burn_stack();
	if (e && !(gcry_err_code(e) == GPG_ERR_WEAK_KEY && !gcry_fips_mode_active())) {
		gcry_cipher_close(h);
		return cdisk_gcry_error(e);
	}
	*ret_handle = h;
	return 0;
}

/* Link i's keys are apart: all primary keys come first, then all tweak keys. */
static int xts_open(struct cdisk_cipher *c, const uint8_t *key, size_t link_key, unsigned int i)
{
	_cleanup_secret_ struct cdisk_secret *both = NULL;
	uint8_t *p;
	int r;

	r = cdisk_secret_alloc(2 * link_key, &both);
	if (r < 0)
		return r;
	p = cdisk_secret_data(both);
	memcpy(p, key + i * link_key, link_key);
	memcpy(p + link_key, key + (c->spec.chain_len + i) * link_key, link_key);
	return handle_open(
		c->spec.chain[i], GCRY_CIPHER_MODE_XTS, p, 2 * link_key, link_key, &c->links[i]);
}

static int essiv_open(struct cdisk_cipher *c, const uint8_t *key)
{
	_cleanup_secret_ struct cdisk_secret *salt = NULL;
	int size = cdisk_hash_size(c->spec.iv_hash);
	int r;

	if (size < 0)
		return size;
	r = cdisk_secret_alloc(CDISK_HASH_MAX, &salt);
	if (r < 0)
		return r;
	r = cdisk_hash(c->spec.iv_hash, key, c->spec.key_size, cdisk_secret_data(salt));
	if (r < 0)
		return r;
	return handle_open(c->spec.chain[0], GCRY_CIPHER_MODE_ECB, cdisk_secret_data(salt),
		(size_t)size, (size_t)size, &c->essiv);
}

static int links_open(struct cdisk_cipher *c, const uint8_t *key)
{
	size_t link_key = cdisk_cipher_link_key(&c->spec);
	int mode = c->spec.mode == CDISK_MODE_CBC ? GCRY_CIPHER_MODE_CBC : GCRY_CIPHER_MODE_ECB;
	int r = 0;

	if (c->spec.mode == CDISK_MODE_XTS) {
		for (unsigned int i = 0; i < c->spec.chain_len && r == 0; i++)
			r = xts_open(c, key, link_key, i);
		return r;
	}
	r = handle_open(c->spec.chain[0], mode, key, link_key, link_key, &c->links[0]);
	if (r == 0 && c->spec.mode == CDISK_MODE_LRW)
		r = cdisk_lrw_new(key + link_key, &c->lrw);
	return r;
}

int cdisk_cipher_new(
	const struct cdisk_cipher_spec *spec, const uint8_t *key, struct cdisk_cipher **ret_cipher)
{
	_cleanup_cipher_ struct cdisk_cipher *c = NULL;
	int r = cdisk_crypto_init();

	if (r < 0)
		return r;
	r = cdisk_cipher_spec_check(spec);
	if (r < 0)
		return r;
	c = cdisk_pool_alloc(sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->spec = *spec;
	c->block = cdisk_cipher_block_size(spec->chain[0]);
	c->iv_step = spec->sector_size / spec->iv_unit;
	r = links_open(c, key);
	if (r == 0 && spec->iv_rule == CDISK_IV_ESSIV)
		r = essiv_open(c, key);
	if (r < 0)
		return r;
	*ret_cipher = cdisk_steal(&c);
	return 0;
}

void cdisk_cipher_free(struct cdisk_cipher *cipher)
{
	if (!cipher)
		return;
	for (unsigned int i = 0; i < CDISK_CHAIN_MAX; i++)
		gcry_cipher_close(cipher->links[i]);
	gcry_cipher_close(cipher->essiv);
	cdisk_lrw_free(cipher->lrw);
	cdisk_pool_free(cipher);
}

int cdisk_cipher_iv(struct cdisk_cipher *cipher, uint64_t n, uint8_t iv[CDISK_IV_SIZE])
{
	uint64_t le = htole64(cipher->spec.iv_rule == CDISK_IV_PLAIN ? n & UINT32_MAX : n);
	uint64_t be;

	memset(iv, 0, CDISK_IV_SIZE);
	switch (cipher->spec.iv_rule) {
	case CDISK_IV_PLAIN:
	case CDISK_IV_PLAIN64:
		memcpy(iv, &le, sizeof(le));
		return 0;
	case CDISK_IV_BENBI:
		/* Blocks are counted from 1, and a unit is what dm-crypt calls a sector: 512 bytes.
		 */
		be = htobe64(n * (CDISK_SECTOR_MIN / cipher->block) + 1);
		memcpy(iv + cipher->block - sizeof(be), &be, sizeof(be));
		return 0;
	case CDISK_IV_ESSIV:
		memcpy(iv, &le, sizeof(le));
		return cdisk_gcry_error(
			gcry_cipher_encrypt(cipher->essiv, iv, cipher->block, NULL, 0));
	default:
		return 0;
	}
}

static int link_crypt(struct cdisk_cipher *c, unsigned int i, bool encrypt, const uint8_t *iv,
	uint8_t *dst, const uint8_t *src, size_t size)
{
	gcry_cipher_hd_t h = c->links[i];
	gcry_error_t e = 0;

	if (c->spec.mode != CDISK_MODE_ECB)
		e = gcry_cipher_setiv(h, iv, c->block);
	if (!e)
		e = encrypt ? gcry_cipher_encrypt(h, dst, size, src, size)
			    : gcry_cipher_decrypt(h, dst, size, src, size);
	return cdisk_gcry_error(e);
}

int cdisk_cipher_unit(struct cdisk_cipher *cipher, bool encrypt, const uint8_t iv[CDISK_IV_SIZE],
	uint8_t *dst, const uint8_t *src, size_t size)
{
	unsigned int last = cipher->spec.chain_len - 1u;
	int r = 0;

	if (cipher->lrw)
		return cdisk_lrw_crypt(cipher->lrw, cipher->links[0], encrypt, iv, dst, src, size);
	for (unsigned int i = 0; i <= last && r == 0; i++, src = dst)
		r = link_crypt(cipher, encrypt ? i : last - i, encrypt, iv, dst, src, size);
	return r;
}

/* What almost every volume is, and where a sector of 512 bytes takes no longer than this loop. */
static bool is_xts_plain64(const struct cdisk_cipher *c)
{
	return c->spec.mode == CDISK_MODE_XTS && c->spec.chain_len == 1 &&
	       c->spec.iv_rule == CDISK_IV_PLAIN64;
}

static int crypt_xts_plain64(struct cdisk_cipher *c, bool encrypt, uint64_t n, uint8_t *dst,
	const uint8_t *src, size_t size)
{
	gcry_cipher_hd_t h = c->links[0];
	size_t sector = c->spec.sector_size;
	uint64_t iv[CDISK_IV_SIZE / sizeof(uint64_t)] = {0};
	gcry_error_t e = 0;

	for (size_t at = 0; at < size && !e; at += sector, n += c->iv_step) {
		iv[0] = htole64(n);
		e = gcry_cipher_setiv(h, iv, sizeof(iv));
		if (!e)
			e = encrypt ? gcry_cipher_encrypt(h, dst + at, sector, src + at, sector)
				    : gcry_cipher_decrypt(h, dst + at, sector, src + at, sector);
	}
	return cdisk_gcry_error(e);
}

static int crypt_sectors(struct cdisk_cipher *c, bool encrypt, uint64_t n, uint8_t *dst,
	const uint8_t *src, size_t size)
{
	uint32_t sector = c->spec.sector_size;
	uint8_t iv[CDISK_IV_SIZE];
	int r = 0;

	if (size % sector != 0)
		return -EINVAL;
	if (is_xts_plain64(c))
		return crypt_xts_plain64(c, encrypt, n, dst, src, size);
	for (size_t at = 0; at < size && r == 0; at += sector, n += c->iv_step) {
		r = cdisk_cipher_iv(c, n, iv);
		if (r == 0)
			r = cdisk_cipher_unit(c, encrypt, iv, dst + at, src + at, sector);
	}
	explicit_bzero(iv, sizeof(iv));
	return r;
}

int cdisk_cipher_encrypt(
	struct cdisk_cipher *cipher, uint64_t iv, void *dst, const void *src, size_t size)
{
	return crypt_sectors(cipher, true, iv, dst, src, size);
}

int cdisk_cipher_decrypt(
	struct cdisk_cipher *cipher, uint64_t iv, void *dst, const void *src, size_t size)
{
	return crypt_sectors(cipher, false, iv, dst, src, size);
}
