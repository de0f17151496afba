/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two locks of a container (docs/FORMAT): open-file-description locks on one byte each at
 * offset 2^62, far behind any data. They belong to the open file description: whoever holds a
 * duplicate of the descriptor (the server, a loop device) holds the lock.
 */
#ifndef CDISK_BASE_LOCK_H
#define CDISK_BASE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

enum cdisk_lock_range {
	CDISK_LOCK_DATA = 0,   /* exclusive: open for writing; shared: read-only */
	CDISK_LOCK_HEADER = 1, /* exclusive: the header is written; shared: it is copied */
};

#define CDISK_LOCK_OFFSET (UINT64_C(1) << 62)

/* 0; -EAGAIN when somebody else holds it; -errno. An exclusive lock needs a writable descriptor. */
int cdisk_lock(int fd, enum cdisk_lock_range range, bool exclusive);

/* As cdisk_lock(), but waits up to timeout_ms. */
int cdisk_lock_wait(int fd, enum cdisk_lock_range range, bool exclusive, unsigned int timeout_ms);
int cdisk_unlock(int fd, enum cdisk_lock_range range);

#endif
