// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>
#include <cmocka.h>
#include "volume/range_lock.h"

struct taker {
	struct cdisk_range_lock *lock;
	struct cdisk_range range;
	_Atomic int got;
};

static void *take(void *data)
{
	struct taker *t = data;

	cdisk_range_acquire(t->lock, &t->range);
	atomic_store(&t->got, 1);
	return NULL;
}

/* Until n threads stand in the queue: a condition, not a time. */
static void wait_for_waiters(struct cdisk_range_lock *lock, unsigned int n)
{
	const struct timespec tick = {.tv_nsec = 1000000};
	unsigned int waiting;

	do {
		pthread_mutex_lock(&lock->mutex);
		waiting = lock->n_waiting;
		pthread_mutex_unlock(&lock->mutex);
		if (waiting < n)
			nanosleep(&tick, NULL);
	} while (waiting < n);
}

static void readers_share_and_distant_writers_do_not_wait(void **state)
{
	struct cdisk_range_lock lock;
	struct cdisk_range a = {.start = 0, .end = 100}, b = {.start = 50, .end = 150};
	struct cdisk_range c = {.start = 150, .end = 200, .exclusive = true};

	(void)state;
	assert_int_equal(cdisk_range_lock_init(&lock), 0);
	cdisk_range_acquire(&lock, &a);
	cdisk_range_acquire(&lock, &b);
	cdisk_range_acquire(&lock, &c);
	cdisk_range_release(&lock, &b);
	cdisk_range_release(&lock, &a);
	cdisk_range_release(&lock, &c);
	assert_null(lock.oldest);
	assert_null(lock.newest);
	cdisk_range_lock_done(&lock);
}

static void a_writer_waits_for_the_reader_of_one_shared_byte(void **state)
{
	struct cdisk_range_lock lock;
	struct cdisk_range reader = {.start = 0, .end = 100};
	struct taker writer = {.lock = &lock,
		.range = {.start = 99, .end = 120, .exclusive = true}};
	pthread_t thread;

	(void)state;
	assert_int_equal(cdisk_range_lock_init(&lock), 0);
	cdisk_range_acquire(&lock, &reader);
	assert_int_equal(pthread_create(&thread, NULL, take, &writer), 0);
	wait_for_waiters(&lock, 1);
	assert_int_equal(atomic_load(&writer.got), 0);
	cdisk_range_release(&lock, &reader);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(atomic_load(&writer.got), 1);
	cdisk_range_release(&lock, &writer.range);
	cdisk_range_lock_done(&lock);
}

static void a_reader_does_not_overtake_a_waiting_writer(void **state)
{
	struct cdisk_range_lock lock;
	struct cdisk_range first = {.start = 0, .end = 10};
	struct taker writer = {.lock = &lock, .range = {.start = 0, .end = 10, .exclusive = true}};
	struct taker reader = {.lock = &lock, .range = {.start = 5, .end = 6}};
	pthread_t threads[2];

	(void)state;
	assert_int_equal(cdisk_range_lock_init(&lock), 0);
	cdisk_range_acquire(&lock, &first);
	assert_int_equal(pthread_create(&threads[0], NULL, take, &writer), 0);
	wait_for_waiters(&lock, 1);
	assert_int_equal(pthread_create(&threads[1], NULL, take, &reader), 0);
	wait_for_waiters(&lock, 2);
	cdisk_range_release(&lock, &first);
	assert_int_equal(pthread_join(threads[0], NULL), 0);
	assert_int_equal(atomic_load(&reader.got), 0);
	cdisk_range_release(&lock, &writer.range);
	assert_int_equal(pthread_join(threads[1], NULL), 0);
	cdisk_range_release(&lock, &reader.range);
	cdisk_range_lock_done(&lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_share_and_distant_writers_do_not_wait),
		cmocka_unit_test(a_writer_waits_for_the_reader_of_one_shared_byte),
		cmocka_unit_test(a_reader_does_not_overtake_a_waiting_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
