/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of key derivation: bounds, PBKDF2, argon2. */
#ifndef CDISK_CRYPTO_KDF_H
#define CDISK_CRYPTO_KDF_H

#include <stddef.h>
#include <stdint.h>
#include "crypto/crypto.h"

#define CDISK_KDF_TICK_MS 50 /* between two calls of tick */

/* Bounds of what a header may ask for (cdisk_kdf_check). */
#define CDISK_KDF_LANES_MAX 64u
/* Bytes that argon2 writes, all passes together: about an hour where it fills 600 MB a second. */
#define CDISK_KDF_ARGON2_WORK (UINT64_C(1) << 41)
/* libgcrypt 1.10 counts argon2's bytes in 32 bits: from 4 GiB on it would write past its memory. */
#define CDISK_KDF_ARGON2_KIB_MAX ((UINT64_C(1) << 22) - 1)
/* About an hour where one iteration takes 3 us, as whirlpool and sha3 do; minutes with sha256. */
#define CDISK_KDF_PBKDF2_MAX (UINT64_C(1) << 30)

/* What may be asked of any machine: 0, or -CDISK_ERR_UNSUPPORTED with the reason in why. */
int cdisk_kdf_bounds(const struct cdisk_kdf *kdf, char why[200]);

uint64_t cdisk_kdf_clock_ms(void);

int cdisk_pbkdf2(const struct cdisk_kdf *kdf, struct cdisk_secret *passphrase, uint8_t *key,
	size_t key_size, cdisk_kdf_tick_fn tick, void *data);
int cdisk_argon2(const struct cdisk_kdf *kdf, struct cdisk_secret *passphrase, uint8_t *key,
	size_t key_size, cdisk_kdf_tick_fn tick, void *data);

#endif
