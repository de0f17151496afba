/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps inside cdisk_cipher_encrypt() and _decrypt(), for known answers of any length and IV.
 */
#ifndef CDISK_CRYPTO_CIPHER_UNIT_H
#define CDISK_CRYPTO_CIPHER_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crypto/crypto.h"

#define CDISK_IV_SIZE 16

/* The IV of unit number n; bytes behind the cipher's block size are zero. */
int cdisk_cipher_iv(struct cdisk_cipher *cipher, uint64_t n, uint8_t iv[CDISK_IV_SIZE]);

/* One encryption sector of any size that the mode allows, with an IV as it is. */
int cdisk_cipher_unit(struct cdisk_cipher *cipher, bool encrypt, const uint8_t iv[CDISK_IV_SIZE],
	uint8_t *dst, const uint8_t *src, size_t size);

#endif
