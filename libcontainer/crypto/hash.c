// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include "base/util.h"
#include "crypto/crypto.h"
#include "crypto/gcrypt_init.h"

struct hash_name {
	const char *name; /* as LUKS headers and the kernel write it */
	int algo;
	size_t size; /* bytes of the digest that count */
};

/* wp384 and wp256 are the kernel's names for a Whirlpool digest that is cut off. */
static const struct hash_name names[] = {
	{"sha1", GCRY_MD_SHA1, 20},
	{"sha224", GCRY_MD_SHA224, 28},
	{"sha256", GCRY_MD_SHA256, 32},
	{"sha384", GCRY_MD_SHA384, 48},
	{"sha512", GCRY_MD_SHA512, 64},
	{"sha512-256", GCRY_MD_SHA512_256, 32},
	{"sha512-224", GCRY_MD_SHA512_224, 28},
	{"sha3-224", GCRY_MD_SHA3_224, 28},
	{"sha3-256", GCRY_MD_SHA3_256, 32},
	{"sha3-384", GCRY_MD_SHA3_384, 48},
	{"sha3-512", GCRY_MD_SHA3_512, 64},
	{"ripemd160", GCRY_MD_RMD160, 20},
	{"rmd160", GCRY_MD_RMD160, 20},
	{"whirlpool", GCRY_MD_WHIRLPOOL, 64},
	{"wp512", GCRY_MD_WHIRLPOOL, 64},
	{"wp384", GCRY_MD_WHIRLPOOL, 48},
	{"wp256", GCRY_MD_WHIRLPOOL, 32},
	{"blake2b-512", GCRY_MD_BLAKE2B_512, 64},
	{"blake2b-384", GCRY_MD_BLAKE2B_384, 48},
	{"blake2b-256", GCRY_MD_BLAKE2B_256, 32},
	{"blake2b-160", GCRY_MD_BLAKE2B_160, 20},
	{"blake2s-256", GCRY_MD_BLAKE2S_256, 32},
	{"blake2s-224", GCRY_MD_BLAKE2S_224, 28},
	{"blake2s-160", GCRY_MD_BLAKE2S_160, 20},
	{"blake2s-128", GCRY_MD_BLAKE2S_128, 16},
	{"stribog512", GCRY_MD_STRIBOG512, 64},
	{"stribog256", GCRY_MD_STRIBOG256, 32},
	{"streebog512", GCRY_MD_STRIBOG512, 64},
	{"streebog256", GCRY_MD_STRIBOG256, 32},
	{"sm3", GCRY_MD_SM3, 32},
};

int cdisk_hash_lookup(const char *hash, int *ret_algo, size_t *ret_size)
{
	int r = cdisk_crypto_init();

	if (r < 0)
		return r;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(names); i++) {
		if (strcasecmp(hash, names[i].name) != 0)
			continue;
		if (gcry_md_test_algo(names[i].algo) != 0)
			return -EOPNOTSUPP;
		*ret_algo = names[i].algo;
		*ret_size = names[i].size;
		return 0;
	}
	return -EOPNOTSUPP;
}

int cdisk_hash_size(const char *hash)
{
	size_t size;
	int algo, r;

	r = cdisk_hash_lookup(hash, &algo, &size);
	return r < 0 ? r : (int)size;
}

/* The state lies in the pool: what is hashed here is mostly keys. */
int cdisk_hash(const char *hash, const void *data, size_t size, uint8_t digest[CDISK_HASH_MAX])
{
	gcry_md_hd_t md;
	size_t length;
	int algo, r;

	r = cdisk_hash_lookup(hash, &algo, &length);
	if (r < 0)
		return r;
	r = cdisk_gcry_error(gcry_md_open(&md, algo, GCRY_MD_FLAG_SECURE));
	if (r < 0)
		return r;
	gcry_md_write(md, data, size);
	memcpy(digest, gcry_md_read(md, algo), length);
	gcry_md_close(md);
	cdisk_burn_stack();
	return 0;
}

/*
 * libgcrypt takes room for one digest from the pool at the end of each HMAC, and ends the process
 * when there is none.
 */
static bool room_for_a_digest(void)
{
	void *p = gcry_malloc_secure(2 * CDISK_HASH_MAX);

	if (p)
		gcry_free(p);
	return p != NULL;
}

int cdisk_hmac_open(const char *hash, const void *key, size_t key_size, gcry_md_hd_t *ret_hmac,
	size_t *ret_size)
{
	gcry_md_hd_t md;
	size_t length;
	int algo, r;

	r = cdisk_hash_lookup(hash, &algo, &length);
	if (r < 0)
		return r;
	if (length != gcry_md_get_algo_dlen(algo))
		return -EOPNOTSUPP; /* HMAC over a hash that is cut off is no cut-off HMAC */
	r = cdisk_gcry_error(gcry_md_open(&md, algo, GCRY_MD_FLAG_HMAC | GCRY_MD_FLAG_SECURE));
	if (r < 0)
		return r;
	r = cdisk_gcry_error(gcry_md_setkey(md, key, key_size));
	cdisk_burn_stack();
	if (r == 0 && !room_for_a_digest())
		r = -ENOMEM;
	if (r < 0) {
		gcry_md_close(md);
		return r;
	}
	*ret_hmac = md;
	*ret_size = length;
	return 0;
}

int cdisk_hmac(const char *hash, const void *key, size_t key_size, const void *data, size_t size,
	uint8_t digest[CDISK_HASH_MAX])
{
	gcry_md_hd_t md;
	size_t length;
	int r;

	r = cdisk_hmac_open(hash, key, key_size, &md, &length);
	if (r < 0)
		return r;
	gcry_md_write(md, data, size);
	memcpy(digest, gcry_md_read(md, 0), length);
	gcry_md_close(md);
	cdisk_burn_stack();
	return 0;
}
