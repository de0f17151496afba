/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only allocator for key bytes. One pool per process, CDISK_SECRET_POOL bytes between two
 * inaccessible pages, locked where the system allows it, left out of core files, zero in a forked
 * child and wiped on free. The crypto floor puts libgcrypt's secure memory into the same pool, so
 * passphrases, volume keys and cipher contexts lie in one place. A secret that is larger than
 * CDISK_SECRET_POOL_MAX (a key file of megabytes) gets pages of its own with the same properties.
 */
#ifndef CDISK_BASE_SECRET_H
#define CDISK_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <cryptdisk/cryptdisk.h>
#include "base/util.h"

#define CDISK_SECRET_POOL (64u * 1024)
#define CDISK_SECRET_POOL_MAX (8u * 1024) /* largest secret that is taken from the pool */

/* Raw bytes of the pool, zeroed, 16-byte aligned; NULL when it is full. For libgcrypt. */
void *cdisk_pool_alloc(size_t size);
void *cdisk_pool_realloc(void *p, size_t size);
void cdisk_pool_free(void *p); /* wipes; NULL is fine */
bool cdisk_pool_owns(const void *p);

/* A secret of size bytes, zeroed: 0, or -ENOMEM. */
int cdisk_secret_alloc(size_t size, struct cdisk_secret **ret_secret);

/* A copy of size bytes at data: 0, or -ENOMEM. The caller still wipes data. */
int cdisk_secret_copy(const void *data, size_t size, struct cdisk_secret **ret_secret);

/* False once any page for secrets could not be locked. */
bool cdisk_secret_locked(void);

/* Equal content in time that depends on the size alone. */
bool cdisk_memequal(const void *a, const void *b, size_t size);

static inline void cdisk_cleanup_secret(struct cdisk_secret **s)
{
	int saved = errno;

	cdisk_secret_free(*s);
	errno = saved;
}

#define _cleanup_secret_ CDISK_CLEANUP(cdisk_cleanup_secret)

#endif
