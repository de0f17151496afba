/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening one LUKS keyslot: what LUKS1 and LUKS2 have in common. */
#ifndef CDISK_FORMAT_KEYSLOT_H
#define CDISK_FORMAT_KEYSLOT_H

#include "crypto/crypto.h"
#include "format/format.h"

#define CDISK_LUKS_KEY_MAX 512u		     /* bytes of a volume key */
#define CDISK_LUKS_AREA_MAX (UINT64_C(4) << 20) /* bytes of one slot's anti-forensic material */

/* Where a slot's material lies and how it is protected. Plain data from a header. */
struct cdisk_slot {
	int number;
	struct cdisk_kdf kdf;
	char cipher[64];	/* "aes-xts-plain64" */
	uint32_t area_key_size; /* bytes, of the area's cipher */
	uint64_t area_offset;	/* in the header's file, bytes */
	uint64_t area_size;
	char af_hash[32];
	uint32_t stripes;
	uint32_t key_size; /* bytes of the key it holds */
};

/* What the right key is known by. */
struct cdisk_slot_digest {
	struct cdisk_kdf kdf; /* PBKDF2 */
	uint8_t digest[64];
	size_t digest_size;
};

/* Splits "aes-xts-plain64" at its first dash; false where a word is empty or too long. */
bool cdisk_cipher_split(const char *text, char ret_cipher[64], char ret_mode[64]);

/*
 * Parses text into spec; says so in the handle when it cannot be used. what: "the data",
 * "keyslot 3". 1 = cipher_null, which the handle's settings allow; 0 = spec is filled in.
 */
int cdisk_cipher_of(struct cdisk *c, const char *what, const char *text, uint32_t key_size,
		    uint32_t sector_size, struct cdisk_cipher_spec *ret_spec);

/*
 * Derives, decrypts, merges and compares. -CDISK_ERR_PASSPHRASE (without a sentence: the caller
 * may have more slots to try), -CDISK_ERR_CORRUPT, -CDISK_ERR_UNSUPPORTED, -EIO, -ENOMEM,
 * -ECANCELED.
 */
int cdisk_slot_open(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_slot *slot,
		    const struct cdisk_slot_digest *digest, struct cdisk_secret *secret,
		    struct cdisk_secret **ret_key);

#endif
