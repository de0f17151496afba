/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one result of every format: an ordered list of segments that tells how a volume's plain
 * bytes follow from the bytes of its backing. Volume code, server and backends read nothing else.
 */
#ifndef CDISK_BASE_DESCRIPTION_H
#define CDISK_BASE_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/secret.h"

#define CDISK_CHAIN_MAX 3
#define CDISK_SEGMENTS_MAX 64
#define CDISK_ID_TEXT 37 /* 36 characters and NUL */
#define CDISK_SECTOR_MIN 512u
#define CDISK_SECTOR_MAX 4096u

enum cdisk_segment_kind {
	CDISK_SEGMENT_CRYPT = 1,
	CDISK_SEGMENT_LINEAR = 2, /* stored as it is (cipher_null, parts of other formats) */
	CDISK_SEGMENT_ZERO = 3,	  /* reads as zeros, refuses writes */
};

enum cdisk_cipher_algo {
	CDISK_CIPHER_NONE = 0,
	CDISK_CIPHER_AES = 1,
	CDISK_CIPHER_SERPENT = 2,
	CDISK_CIPHER_TWOFISH = 3,
	CDISK_CIPHER_CAMELLIA = 4,
	CDISK_CIPHER_CAST5 = 5,
	CDISK_CIPHER_BLOWFISH = 6,
	CDISK_CIPHER_DES3 = 7,
};

enum cdisk_cipher_mode {
	CDISK_MODE_XTS = 1,
	CDISK_MODE_CBC = 2,
	CDISK_MODE_LRW = 3,
	CDISK_MODE_ECB = 4,
};

enum cdisk_iv_rule {
	CDISK_IV_NULL = 1,
	CDISK_IV_PLAIN = 2,   /* 32-bit little-endian unit number */
	CDISK_IV_PLAIN64 = 3, /* 64-bit little-endian unit number */
	CDISK_IV_ESSIV = 4,   /* unit number encrypted with hash(key); hash in iv_hash */
	CDISK_IV_BENBI = 5,   /* 64-bit big-endian number of the first 16-byte block, from 1 */
};

/* How one run of sectors is encrypted. Plain data: no pointers, no secrets. */
struct cdisk_cipher_spec {
	uint8_t chain_len;
	uint8_t chain[CDISK_CHAIN_MAX]; /* cdisk_cipher_algo, in the order encryption applies them */
	uint8_t mode;			/* cdisk_cipher_mode */
	uint8_t iv_rule;		/* cdisk_iv_rule */
	char iv_hash[16];		/* libgcrypt's name, for ESSIV; else empty */
	uint32_t sector_size;		/* bytes per encryption sector: 512, 1024, 2048 or 4096 */
	uint32_t iv_unit;		/* bytes per IV step: 512, or sector_size */
	uint32_t key_size;		/* bytes of key this spec takes, all ciphers and tweaks */
};

struct cdisk_segment {
	uint64_t start;	 /* in the volume, bytes */
	uint64_t length; /* bytes; a multiple of the sector size */
	uint64_t offset; /* in the backing, bytes; unused for ZERO */
	uint64_t iv0;	 /* IV unit number of the first sector */
	uint32_t kind;	 /* cdisk_segment_kind */
	uint32_t key_offset; /* of this segment's key in the description's key, bytes */
	struct cdisk_cipher_spec cipher;
};

struct cdisk_description {
	uint64_t size;	      /* of the volume, bytes */
	uint32_t sector_size; /* largest of its segments; what a disk reports */
	uint32_t n_segments;
	struct cdisk_segment segments[CDISK_SEGMENTS_MAX];
	struct cdisk_secret *key; /* all key material; owned; NULL if no segment needs one */
	char id[CDISK_ID_TEXT];	  /* volume ID, lower case */
	char format[16];	  /* "LUKS2", ...: for people */
	char label[64];		  /* of the header; may be empty */
	bool dynamic;		  /* the last segment ends where the backing ends: it can grow */
	bool read_only;
};

/*
 * Checks everything volume code relies on: segments in order, without gap or overlap, inside the
 * backing, sizes that fit, a key that is long enough. 0, or -EINVAL with the reason in *ret_why
 * (a string constant). Input may be hostile.
 */
int cdisk_description_check(const struct cdisk_description *d, uint64_t backing_size,
			    const char **ret_why);

/*
 * The last segment of a dynamic description and the volume follow a new size of the backing.
 * 0, or -EINVAL where the description is not dynamic or the backing ends before any segment's data.
 */
int cdisk_description_resize(struct cdisk_description *d, uint64_t backing_size);

/* Wipes and frees the key; the struct itself belongs to the caller. */
void cdisk_description_done(struct cdisk_description *d);

#endif
