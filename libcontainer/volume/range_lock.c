// SPDX-License-Identifier: GPL-2.0-or-later
#include "volume/range_lock.h"

#include <stddef.h>

int cdisk_range_lock_init(struct cdisk_range_lock *lock)
{
	int r = pthread_mutex_init(&lock->mutex, NULL);

	if (r != 0)
		return -r;
	r = pthread_cond_init(&lock->released, NULL);
	if (r != 0) {
		(void)pthread_mutex_destroy(&lock->mutex);
		return -r;
	}
	lock->oldest = lock->newest = NULL;
	lock->n_waiting = 0;
	return 0;
}

void cdisk_range_lock_done(struct cdisk_range_lock *lock)
{
	(void)pthread_cond_destroy(&lock->released);
	(void)pthread_mutex_destroy(&lock->mutex);
}

static bool ranges_conflict(const struct cdisk_range *a, const struct cdisk_range *b)
{
	return (a->exclusive || b->exclusive) && a->start < b->end && b->start < a->end;
}

/* An older range counts also while it still waits: that keeps the order of arrival. */
static bool range_must_wait(const struct cdisk_range *range)
{
	const struct cdisk_range *other;

	for (other = range->older; other; other = other->older)
		if (ranges_conflict(other, range))
			return true;
	return false;
}

void cdisk_range_acquire(struct cdisk_range_lock *lock, struct cdisk_range *range)
{
	pthread_mutex_lock(&lock->mutex);
	range->newer = NULL;
	range->older = lock->newest;
	if (lock->newest)
		lock->newest->newer = range;
	else
		lock->oldest = range;
	lock->newest = range;
	while (range_must_wait(range)) {
		lock->n_waiting++;
		pthread_cond_wait(&lock->released, &lock->mutex);
		lock->n_waiting--;
	}
	pthread_mutex_unlock(&lock->mutex);
}

void cdisk_range_release(struct cdisk_range_lock *lock, struct cdisk_range *range)
{
	pthread_mutex_lock(&lock->mutex);
	if (range->older)
		range->older->newer = range->newer;
	else
		lock->oldest = range->newer;
	if (range->newer)
		range->newer->older = range->older;
	else
		lock->newest = range->older;
	if (lock->n_waiting > 0)
		pthread_cond_broadcast(&lock->released);
	pthread_mutex_unlock(&lock->mutex);
}
