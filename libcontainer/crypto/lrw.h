/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LRW (IEEE P1619 drafts, Linux's "lrw") over a block cipher in ECB: block number i is XORed with
 * T = K2 * i in GF(2^128) before and after the cipher. Numbers and elements are big-endian.
 */
#ifndef CDISK_CRYPTO_LRW_H
#define CDISK_CRYPTO_LRW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <gcrypt.h>

struct cdisk_lrw;

/* key: the 16 bytes of K2. -ENOMEM when the pool is full. */
int cdisk_lrw_new(const uint8_t *key, struct cdisk_lrw **ret_lrw);
void cdisk_lrw_free(struct cdisk_lrw *lrw);

/* size: a multiple of 16 bytes; iv: the number of the first block, big-endian. */
int cdisk_lrw_crypt(struct cdisk_lrw *lrw, gcry_cipher_hd_t ecb, bool encrypt, const uint8_t iv[16],
	uint8_t *dst, const uint8_t *src, size_t size);

#endif
