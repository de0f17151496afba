/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lane is what one thread needs to encrypt or decrypt: cipher contexts and buffers, all allocated
 * before the first request. There are a few; a call borrows one and gives it back.
 */
#ifndef CDISK_VOLUME_LANES_H
#define CDISK_VOLUME_LANES_H

#include <pthread.h>
#include "base/description.h"
#include "crypto/crypto.h"

#define CDISK_LANES_MAX 4u

/*
 * Bytes that are encrypted or decrypted between two calls of the backing. They stay in a core's
 * second-level cache from the cipher to the copy; a multiple of every sector size.
 */
#define CDISK_LANE_CHUNK (128u * 1024)

struct cdisk_lane {
	struct cdisk_lane *next_free;
	struct cdisk_cipher *ciphers[CDISK_SEGMENTS_MAX]; /* by cipher number */
	uint8_t *chunk;	 /* CDISK_LANE_CHUNK: ciphertext on its way to the backing */
	uint8_t *sector; /* CDISK_SECTOR_MAX: a plain sector of which a part is wanted */
};

struct cdisk_lanes {
	pthread_mutex_t mutex;
	pthread_cond_t returned;
	struct cdisk_lane lanes[CDISK_LANES_MAX];
	struct cdisk_lane *free;
	uint8_t *buffers;
	unsigned int n_lanes, n_ciphers;
	uint8_t cipher_of[CDISK_SEGMENTS_MAX]; /* a segment's cipher number */
};

/*
 * As many lanes as wanted (1 to CDISK_LANES_MAX), fewer when the locked pool is full, at least one.
 * Segments with the same cipher and key share a context. On failure nothing is left to be freed.
 */
int cdisk_lanes_init(struct cdisk_lanes *l, const struct cdisk_description *d, unsigned int wanted);
void cdisk_lanes_done(struct cdisk_lanes *l); /* wipes */

/* Wipes the contexts and what the buffers hold; nobody may have a lane. */
void cdisk_lanes_wipe(struct cdisk_lanes *l);
/* Makes them anew with the same description's key. On failure they stay wiped. */
int cdisk_lanes_rekey(struct cdisk_lanes *l, const struct cdisk_description *d);

struct cdisk_lane *cdisk_lane_borrow(struct cdisk_lanes *l); /* waits */
void cdisk_lane_return(struct cdisk_lanes *l, struct cdisk_lane *lane);

#endif
