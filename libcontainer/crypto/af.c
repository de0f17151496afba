// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <string.h>
#include "crypto/crypto.h"
#include "crypto/gcrypt_init.h"

/* Replaces each digest-sized piece of buf by the hash of its number and itself. */
static void diffuse(gcry_md_hd_t md, size_t digest_size, uint8_t *buf, size_t size)
{
	uint32_t n = 0;

	for (size_t at = 0; at < size; at += digest_size, n++) {
		size_t piece = size - at < digest_size ? size - at : digest_size;
		uint32_t be = htobe32(n);

		gcry_md_reset(md);
		gcry_md_write(md, &be, sizeof(be));
		gcry_md_write(md, buf + at, piece);
		memcpy(buf + at, gcry_md_read(md, 0), piece);
	}
}

static void xor_into(uint8_t *dst, const uint8_t *src, size_t size)
{
	for (size_t i = 0; i < size; i++)
		dst[i] ^= src[i];
}

int cdisk_af_merge(
	const char *hash, const uint8_t *src, uint8_t *dst, size_t size, unsigned int stripes)
{
	gcry_md_hd_t md;
	size_t digest_size;
	int algo, r;

	if (stripes == 0 || size == 0)
		return -EINVAL;
	r = cdisk_hash_lookup(hash, &algo, &digest_size);
	if (r < 0)
		return r;
	r = cdisk_gcry_error(gcry_md_open(&md, algo, GCRY_MD_FLAG_SECURE));
	if (r < 0)
		return r;
	memset(dst, 0, size);
	for (unsigned int i = 0; i + 1 < stripes; i++) {
		xor_into(dst, src + (size_t)i * size, size);
		diffuse(md, digest_size, dst, size);
	}
	xor_into(dst, src + (size_t)(stripes - 1) * size, size);
	gcry_md_close(md);
	cdisk_burn_stack();
	return 0;
}
