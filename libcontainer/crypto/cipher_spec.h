/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a cipher specification means: checks, key layout, libgcrypt's algorithm. */
#ifndef CDISK_CRYPTO_CIPHER_SPEC_H
#define CDISK_CRYPTO_CIPHER_SPEC_H

#include <stddef.h>
#include <stdint.h>
#include "base/description.h"

#define CDISK_LRW_KEY 16u /* bytes of LRW's tweak key */

/* libgcrypt's algorithm for a cipher with that key size; 0 where there is none. */
int cdisk_cipher_gcry_algo(uint8_t algo, size_t key_size);

/* Bytes of a cipher's block; 0 for an unknown cipher. */
uint32_t cdisk_cipher_block_size(uint8_t algo);

/* Bytes of the primary key of one cipher of the chain; 0 where the sizes do not fit. */
size_t cdisk_cipher_link_key(const struct cdisk_cipher_spec *spec);

/* 0 for what cdisk_cipher_new() can do; -EINVAL for nonsense, -EOPNOTSUPP. */
int cdisk_cipher_spec_check(const struct cdisk_cipher_spec *spec);

#endif
