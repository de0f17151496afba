/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON area of a LUKS2 header as plain C structs. A pure function of the text; the only file of
 * this floor that uses json-c is luks2_json.c.
 */
#ifndef CDISK_FORMAT_LUKS2_JSON_H
#define CDISK_FORMAT_LUKS2_JSON_H

#include "format/keyslot.h"

#define CDISK_LUKS2_OBJECTS_MAX 32u
#define CDISK_LUKS2_JSON_MAX (UINT32_C(8) << 20) /* bytes of text; the area itself ends at 4 MiB */
#define CDISK_LUKS2_PARTS_MAX 16384u /* members of all objects and arrays; a full header has 5000 */

struct cdisk_luks2_keyslot {
	struct cdisk_slot slot;
	bool opens;	   /* false: a type that holds no key ("reencrypt") */
	unsigned int priority; /* 0 = only when named, 1 = normal, 2 = first */
	char label[CDISK_NAME_SIZE]; /* label and kind: of our token; "" = none */
	char kind[16];
};

struct cdisk_luks2_segment {
	unsigned int number;
	char type[16];
	char encryption[64];
	bool integrity; /* authenticated: has an "integrity" object */
	bool dynamic;	/* to the end of the file */
	uint64_t offset, size; /* bytes */
	uint64_t iv_tweak;
	uint32_t sector_size;
};

struct cdisk_luks2_digest {
	bool opens; /* false: not PBKDF2 */
	uint32_t keyslots, segments; /* bit n = object n */
	struct cdisk_slot_digest digest;
};

struct cdisk_luks2 {
	unsigned int n_keyslots, n_segments, n_digests; /* keyslots and segments in rising order */
	struct cdisk_luks2_keyslot keyslots[CDISK_LUKS2_OBJECTS_MAX];
	struct cdisk_luks2_segment segments[CDISK_LUKS2_OBJECTS_MAX];
	struct cdisk_luks2_digest digests[CDISK_LUKS2_OBJECTS_MAX];
	char requirements[256]; /* mandatory, comma separated; "" = none */
	uint64_t keyslots_size; /* bytes of the keyslots area */
};

/*
 * True if the text has no more than CDISK_LUKS2_PARTS_MAX parts. A parser turns three bytes of
 * JSON into a kilobyte of memory, so this is asked before any is run.
 */
bool cdisk_luks2_text_bounded(const char *text, size_t size);

/* 0, or -EBADMSG with the reason in *ret_why (a string constant), or -ENOMEM. */
int cdisk_luks2_parse(const char *text, size_t size, struct cdisk_luks2 *ret_luks2,
		      const char **ret_why);

/* The digest that keyslot is verified by; NULL = none. */
const struct cdisk_luks2_digest *cdisk_luks2_digest_of(const struct cdisk_luks2 *m, int keyslot);

/* Our token for one keyslot as JSON text, owned by the caller. Empty strings are left out. */
int cdisk_luks2_token_text(int keyslot, const char *label, const char *kind, char **ret_text);

#endif
