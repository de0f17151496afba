/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this room share: libgcrypt's start, its errors, and stacks without secrets. */
#ifndef CDISK_CRYPTO_GCRYPT_INIT_H
#define CDISK_CRYPTO_GCRYPT_INIT_H

#include <stdbool.h>
#include <stddef.h>
#include <gcrypt.h>

/* libgcrypt's error as -errno; 0 stays 0. */
int cdisk_gcry_error(gcry_error_t error);

/*
 * Overwrites the part of the stack that calls made by the caller have used, and the vector
 * registers. libgcrypt hashes long passphrases and argon2's input in contexts on the stack, which
 * it does not wipe.
 */
void cdisk_burn_stack(void);

/* Algorithm and digest length of a hash's name; -EOPNOTSUPP. The length may cut the digest. */
int cdisk_hash_lookup(const char *hash, int *ret_algo, size_t *ret_size);

/*
 * An HMAC in the pool with its key set; closed with gcry_md_close(). The digest's length in
 * *ret_size. -EOPNOTSUPP for a hash that is not there or is cut off, -ENOMEM.
 */
int cdisk_hmac_open(const char *hash, const void *key, size_t key_size, gcry_md_hd_t *ret_hmac,
	size_t *ret_size);

#endif
