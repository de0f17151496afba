// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * argon2 through libgcrypt, on threads of our own. libgcrypt asks for each piece of work (one lane
 * of a quarter pass) through a callback and stops where that says so, but a piece cannot be
 * stopped, and neither can the first touch of the memory. So one thread, the driver, makes all of
 * libgcrypt's calls and owns everything they use; the caller only waits and ticks, and when it has
 * waited long enough for a stopped driver, leaves it behind to clean up by itself.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include "base/secret.h"
#include "crypto/gcrypt_init.h"
#include "crypto/kdf.h"

#define STACK_SIZE (256u * 1024)
#define STACK_USED (64u * 1024) /* more than libgcrypt's calls need */
#define STOP_PATIENCE_MS 600    /* for a driver that was told to stop */

struct job {
	gcry_kdf_job_fn_t fn;
	void *data;
};

struct argon2 {
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	struct cdisk_kdf kdf;
	struct cdisk_secret *passphrase; /* our copy, freed once it is hashed */
	struct cdisk_secret *key;
	bool stop;      /* no more pieces of work */
	bool done;      /* result is valid; the driver touches nothing any more */
	bool abandoned; /* the caller has gone: the driver frees */
	int result;
	struct job jobs[CDISK_KDF_LANES_MAX];
	unsigned int n_jobs, running;
	bool closing; /* workers shall end */
	pthread_t workers[CDISK_KDF_LANES_MAX];
	unsigned int n_workers;
};

/* With lock held: takes one job, runs it without the lock, takes the lock again. */
static void job_run(struct argon2 *a)
{
	struct job job = a->jobs[--a->n_jobs];

	a->running++;
	pthread_mutex_unlock(&a->lock);
	job.fn(job.data);
	pthread_mutex_lock(&a->lock);
	a->running--;
	pthread_cond_broadcast(&a->changed);
}

static void *worker_main(void *data)
{
	struct argon2 *a = data;

	pthread_mutex_lock(&a->lock);
	while (!a->closing) {
		if (a->n_jobs > 0)
			job_run(a);
		else
			pthread_cond_wait(&a->changed, &a->lock);
	}
	pthread_mutex_unlock(&a->lock);
	cdisk_burn_stack();
	return NULL;
}

/*
 * libgcrypt's first call: by now the passphrase was hashed, in a context on this stack that lies
 * below the caller's frame.
 */
static int dispatch_job(void *data, gcry_kdf_job_fn_t fn, void *job_data)
{
	struct argon2 *a = data;
	int r = -1;

	if (a->passphrase) {
		cdisk_secret_free(cdisk_steal(&a->passphrase));
		cdisk_burn_stack();
	}
	pthread_mutex_lock(&a->lock);
	if (!a->stop && a->n_jobs < CDISK_ARRAY_SIZE(a->jobs)) {
		a->jobs[a->n_jobs++] = (struct job){fn, job_data};
		pthread_cond_broadcast(&a->changed);
		r = 0;
	}
	pthread_mutex_unlock(&a->lock);
	return r;
}

static int wait_all_jobs(void *data)
{
	struct argon2 *a = data;
	bool stop;

	pthread_mutex_lock(&a->lock);
	while (a->n_jobs > 0 || a->running > 0) {
		if (a->stop)
			a->n_jobs = 0;
		if (a->n_jobs > 0)
			job_run(a);
		else if (a->running > 0)
			pthread_cond_wait(&a->changed, &a->lock);
	}
	stop = a->stop;
	pthread_mutex_unlock(&a->lock);
	return stop ? -1 : 0;
}

static int compute(struct argon2 *a)
{
	const gcry_kdf_thread_ops_t ops = {a, dispatch_job, wait_all_jobs};
	const unsigned long costs[4] = {
		cdisk_secret_size(a->key), a->kdf.passes, a->kdf.memory, a->kdf.lanes};
	int type = strcmp(a->kdf.type, "argon2i") == 0 ? GCRY_KDF_ARGON2I : GCRY_KDF_ARGON2ID;
	gcry_kdf_hd_t h;
	gcry_error_t e;

	e = gcry_kdf_open(&h, GCRY_KDF_ARGON2, type, costs, 4, cdisk_secret_data(a->passphrase),
		cdisk_secret_size(a->passphrase), a->kdf.salt, a->kdf.salt_size, NULL, 0, NULL, 0);
	if (e)
		return cdisk_gcry_error(e);
	e = gcry_kdf_compute(h, &ops);
	/* A stopped computation may leave jobs behind; the memory must outlive them. */
	wait_all_jobs(a);
	if (!e)
		e = gcry_kdf_final(h, cdisk_secret_size(a->key), cdisk_secret_data(a->key));
	gcry_kdf_close(h);
	return cdisk_gcry_error(e);
}

/* CPUs that this process may use. */
static unsigned int cpu_count(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}

/* One thread for each lane, no more than there are CPUs; the driver is one of them. */
static void workers_start(struct argon2 *a, const pthread_attr_t *attr)
{
	unsigned int n = cpu_count() < a->kdf.lanes ? cpu_count() : a->kdf.lanes;

	while (a->n_workers + 1 < n) {
		if (pthread_create(&a->workers[a->n_workers], attr, worker_main, a) != 0)
			return; /* fewer threads take longer, that is all */
		a->n_workers++;
	}
}

static void workers_stop(struct argon2 *a)
{
	pthread_mutex_lock(&a->lock);
	a->closing = true;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
	for (unsigned int i = 0; i < a->n_workers; i++)
		pthread_join(a->workers[i], NULL);
}

static void argon2_free(struct argon2 *a)
{
	cdisk_secret_free(a->passphrase);
	cdisk_secret_free(a->key);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

/* The thread's stack holds secrets for moments: not in swap or core files if that can be had. */
static void stack_protect(bool protect)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t top = (uintptr_t)__builtin_frame_address(0) / page * page;
	void *low = (void *)(top - STACK_USED);

	if (protect) {
		(void)mlock(low, STACK_USED + page);
		(void)madvise(low, STACK_USED + page, MADV_DONTDUMP);
	} else {
		(void)munlock(low, STACK_USED + page);
		(void)madvise(low, STACK_USED + page, MADV_DODUMP);
	}
}

static void *driver_main(void *data)
{
	struct argon2 *a = data;
	pthread_attr_t attr;
	bool abandoned;
	int r;

	stack_protect(true);
	if (pthread_attr_init(&attr) == 0) {
		(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
		workers_start(a, &attr);
		pthread_attr_destroy(&attr);
	}
	r = compute(a);
	cdisk_burn_stack();
	workers_stop(a);
	stack_protect(false);
	pthread_mutex_lock(&a->lock);
	a->result = r;
	a->done = true;
	abandoned = a->abandoned;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
	if (abandoned)
		argon2_free(a);
	return NULL;
}

static int argon2_new(const struct cdisk_kdf *kdf, struct cdisk_secret *passphrase, size_t key_size,
	struct argon2 **ret_argon2)
{
	struct argon2 *a = calloc(1, sizeof(*a));
	pthread_condattr_t attr;
	int r;

	if (!a)
		return -ENOMEM;
	a->kdf = *kdf;
	pthread_mutex_init(&a->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&a->changed, &attr);
	pthread_condattr_destroy(&attr);
	r = cdisk_secret_copy(
		cdisk_secret_data(passphrase), cdisk_secret_size(passphrase), &a->passphrase);
	cdisk_burn_stack(); /* starting threads may spill registers */
	if (r == 0)
		r = cdisk_secret_alloc(key_size, &a->key);
	if (r < 0) {
		argon2_free(a);
		return r;
	}
	*ret_argon2 = a;
	return 0;
}

/* Signals belong to the program's threads: the new ones, and those they start, take none. */
static int driver_start(struct argon2 *a, pthread_t *ret_thread)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int r;

	r = pthread_attr_init(&attr);
	if (r != 0)
		return -r;
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(ret_thread, &attr, driver_main, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -r;
}

/* With lock held: waits for a change, at most CDISK_KDF_TICK_MS. */
static void wait_a_tick(struct argon2 *a)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += CDISK_KDF_TICK_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	while (!a->done && pthread_cond_timedwait(&a->changed, &a->lock, &until) == 0)
		;
}

/* True when the driver is done; false when it was left behind and a is no longer ours. */
static bool driver_wait(struct argon2 *a, cdisk_kdf_tick_fn tick, void *data)
{
	uint64_t stopped = 0; /* ms */
	bool done;

	pthread_mutex_lock(&a->lock);
	while (!a->done && !a->abandoned) {
		wait_a_tick(a);
		if (a->stop) {
			a->abandoned =
				!a->done && cdisk_kdf_clock_ms() - stopped > STOP_PATIENCE_MS;
		} else if (tick && !a->done) {
			pthread_mutex_unlock(&a->lock);
			done = tick(data) != 0;
			pthread_mutex_lock(&a->lock);
			a->stop = done;
			stopped = cdisk_kdf_clock_ms();
		}
	}
	done = a->done;
	pthread_mutex_unlock(&a->lock);
	return done;
}

int cdisk_argon2(const struct cdisk_kdf *kdf, struct cdisk_secret *passphrase, uint8_t *key,
	size_t key_size, cdisk_kdf_tick_fn tick, void *data)
{
	struct argon2 *a;
	pthread_t driver;
	int r;

	/* libgcrypt refuses them; said here, so that the answer does not depend on its version. */
	if (cdisk_secret_size(passphrase) == 0 || kdf->salt_size == 0)
		return -EINVAL;
	r = argon2_new(kdf, passphrase, key_size, &a);
	if (r < 0)
		return r;
	r = driver_start(a, &driver);
	if (r < 0) {
		argon2_free(a);
		return r;
	}
	if (!driver_wait(a, tick, data)) {
		pthread_detach(driver);
		return -ECANCELED;
	}
	pthread_join(driver, NULL);
	r = a->stop ? -ECANCELED : a->result;
	if (r == 0)
		memcpy(key, cdisk_secret_data(a->key), key_size);
	argon2_free(a);
	return r;
}
