/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locks on ranges of bytes: shared for readers, exclusive for writers. Whoever comes first gets its
 * range first, so nobody starves. A thread holds at most one range of a lock, so nothing can form a
 * circle. The ranges lie in a list: there are as many as threads, a handful.
 */
#ifndef CDISK_VOLUME_RANGE_LOCK_H
#define CDISK_VOLUME_RANGE_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* One held or awaited range; lives on its thread's stack from acquire to release. */
struct cdisk_range {
	uint64_t start, end; /* [start, end) */
	bool exclusive;
	struct cdisk_range *older, *newer;
};

struct cdisk_range_lock {
	pthread_mutex_t mutex;
	pthread_cond_t released;
	struct cdisk_range *oldest, *newest;
	unsigned int n_waiting;
};

int cdisk_range_lock_init(struct cdisk_range_lock *lock);
void cdisk_range_lock_done(struct cdisk_range_lock *lock);

/* start, end and exclusive of *range are set by the caller. Waits for older ranges in conflict. */
void cdisk_range_acquire(struct cdisk_range_lock *lock, struct cdisk_range *range);
void cdisk_range_release(struct cdisk_range_lock *lock, struct cdisk_range *range);

#endif
