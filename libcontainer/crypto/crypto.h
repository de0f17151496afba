/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ciphers, hashes and key derivation over libgcrypt. Nothing outside crypto/ includes gcrypt.h.
 * Every function first initialises libgcrypt if the program has not: with secure memory in the
 * pool of base/secret.h. Errors: -errno; -EOPNOTSUPP for a cipher or hash libgcrypt does not have.
 */
#ifndef CDISK_CRYPTO_CRYPTO_H
#define CDISK_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/description.h"

/* 0, or -ENOSYS when libgcrypt is older than the one this was built with. Called once or often. */
int cdisk_crypto_init(void);

/* ---- sector ciphers --------------------------------------------------------------------- */

/* One cipher chain with its keys; used by one thread at a time. Lies in the locked pool. */
struct cdisk_cipher;

/*
 * Parses dm-crypt's words ("aes", "xts-plain64", "cbc-essiv:sha256", "lrw-benbi") into spec for
 * sectors of sector_size bytes. IVs count 512-byte units (iv_unit), as in LUKS. key_size in bytes.
 * Accepts only what cdisk_cipher_new() can do. -EINVAL: not a cipher specification; -EOPNOTSUPP.
 * "cipher_null" and mode "ecb" with it give -EPERM: the caller decides.
 */
int cdisk_cipher_parse(const char *cipher, const char *mode, uint32_t key_size,
		       uint32_t sector_size, struct cdisk_cipher_spec *ret_spec);

/* key: spec->key_size bytes, all ciphers' keys in chain order, then their tweak keys. -ENOMEM when the pool is full. */
int cdisk_cipher_new(const struct cdisk_cipher_spec *spec, const uint8_t *key,
		     struct cdisk_cipher **ret_cipher);
void cdisk_cipher_free(struct cdisk_cipher *cipher);

/*
 * Encrypts or decrypts size bytes (a multiple of the sector size) that begin at IV unit number iv.
 * dst and src are equal or do not overlap.
 */
int cdisk_cipher_encrypt(struct cdisk_cipher *cipher, uint64_t iv, void *dst, const void *src,
			 size_t size);
int cdisk_cipher_decrypt(struct cdisk_cipher *cipher, uint64_t iv, void *dst, const void *src,
			 size_t size);

static inline void cdisk_cleanup_cipher(struct cdisk_cipher **cipher)
{
	cdisk_cipher_free(*cipher);
}

#define _cleanup_cipher_ CDISK_CLEANUP(cdisk_cleanup_cipher)

/* ---- hashes ----------------------------------------------------------------------------- */

#define CDISK_HASH_MAX 64

/* Digest length in bytes of "sha256", "whirlpool", ...; -EOPNOTSUPP for a hash that is not there. */
int cdisk_hash_size(const char *hash);
int cdisk_hash(const char *hash, const void *data, size_t size, uint8_t digest[CDISK_HASH_MAX]);
int cdisk_hmac(const char *hash, const void *key, size_t key_size, const void *data, size_t size,
	       uint8_t digest[CDISK_HASH_MAX]);

/* LUKS's anti-forensic merge: stripes x size bytes at src become size bytes at dst (secret memory). */
int cdisk_af_merge(const char *hash, const uint8_t *src, uint8_t *dst, size_t size,
		   unsigned int stripes);

/* Random bytes from the kernel, for keys. */
int cdisk_random(void *data, size_t size);

/* ---- key derivation --------------------------------------------------------------------- */

struct cdisk_kdf {
	char type[16];	 /* "pbkdf2", "argon2i", "argon2id" */
	char hash[32];	 /* PBKDF2 */
	uint64_t memory; /* argon2: KiB */
	uint64_t passes; /* argon2 passes or PBKDF2 iterations */
	uint32_t lanes;
	uint8_t salt[64];
	size_t salt_size;
};

/* Anything but 0 stops the derivation. Called at least ten times a second, from the calling thread. */
typedef int (*cdisk_kdf_tick_fn)(void *data);

/*
 * Refuses costs that the machine cannot bear before anything is allocated: memory above what is
 * available, more lanes than 64, or work that would take hours. 0 or -CDISK_ERR_UNSUPPORTED or
 * -ENOMEM, with the reason for people in why.
 */
int cdisk_kdf_check(const struct cdisk_kdf *kdf, char why[200]);

/*
 * Memory of the machine, or of the tightest control group above this process, in bytes;
 * UINT64_MAX where the system does not tell.
 */
void cdisk_memory_now(uint64_t *ret_total, uint64_t *ret_available);

/* key: key_size bytes of secret memory. -ECANCELED when tick said so, -ENOMEM, -EOPNOTSUPP. */
int cdisk_kdf_derive(const struct cdisk_kdf *kdf, struct cdisk_secret *passphrase, uint8_t *key,
		     size_t key_size, cdisk_kdf_tick_fn tick, void *data);

#endif
