/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plain bytes of an unlocked container: the one data path of the library, the server, backups,
 * tests and benchmarks. Any offset and length, from many threads at once; writers that touch the
 * same sector, and readers beside them, take turns (range_lock.h), so no byte is lost or torn.
 */
#ifndef CDISK_VOLUME_VOLUME_H
#define CDISK_VOLUME_VOLUME_H

#include "base/description.h"
#include "volume/backing.h"

struct cdisk_plain; /* an open volume (the public struct cdisk_volume wraps it) */

/*
 * Takes ownership of *d's key and of *backing on success (both are emptied). contexts: how many
 * threads may encrypt at once (1 to 4); fewer when the locked pool is full, at least one.
 */
int cdisk_plain_open(struct cdisk_description *d, struct cdisk_backing **backing,
		     unsigned int contexts, struct cdisk_plain **ret_plain);
void cdisk_plain_close(struct cdisk_plain *p); /* wipes; does not flush */

uint64_t cdisk_plain_size(const struct cdisk_plain *p);
const struct cdisk_description *cdisk_plain_description(const struct cdisk_plain *p);
struct cdisk_backing *cdisk_plain_backing(const struct cdisk_plain *p);

/* All of size bytes or an error; -EINVAL beyond the end, -EROFS, -EIO, -ENOSPC. */
int cdisk_plain_pread(struct cdisk_plain *p, void *buf, size_t size, uint64_t offset);
int cdisk_plain_pwrite(struct cdisk_plain *p, const void *buf, size_t size, uint64_t offset);
int cdisk_plain_flush(struct cdisk_plain *p);

/* Writes encrypted zeros: what a punched or zeroed range must read back as. */
int cdisk_plain_zero(struct cdisk_plain *p, uint64_t offset, uint64_t size);

/*
 * Gives the ciphertext of whole sectors inside the range back to the host; *ret_bytes were. Content
 * is undefined after.
 */
int cdisk_plain_discard(struct cdisk_plain *p, uint64_t offset, uint64_t size,
			uint64_t *ret_bytes);

/* The volume follows the backing's new size. */
int cdisk_plain_resize(struct cdisk_plain *p);

/*
 * Waits until nothing is going on, flushes, and wipes key, cipher contexts and buffers: reading and
 * writing give -ENOKEY from then on. On failure nothing has changed. -EOPNOTSUPP: there is no key.
 */
int cdisk_plain_lock(struct cdisk_plain *p);
/* The reverse. Takes *key over on success; the caller has made sure that it is the same one. */
int cdisk_plain_unlock(struct cdisk_plain *p, struct cdisk_secret **key);
bool cdisk_plain_locked(const struct cdisk_plain *p);

#endif
