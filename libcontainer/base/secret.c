// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/secret.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

/*
 * The pool is cut into units of 16 bytes. A block is preceded by one unit that holds its size in
 * units and a canary; free space is what no block covers, found by walking from block to block.
 * With at most a few dozen blocks a first-fit walk is faster than anything clever.
 */
#define UNIT 16u
#define CANARY UINT64_C(0x9e3779b97f4a7c15)

struct block {
	uint32_t units; /* with this head */
	uint32_t used;	/* 1 = taken, 0 = free */
	uint64_t canary;
};

_Static_assert(sizeof(struct block) == UNIT, "a block head is one unit");

struct cdisk_secret {
	uint8_t *data;
	size_t size;
	size_t mapped; /* bytes of pages of its own, guards included; 0 = from the pool */
};

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t pool_once = PTHREAD_ONCE_INIT;
static uint8_t *pool; /* NULL when there is none */
static bool all_locked = true;

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* size bytes of zeroed pages between two inaccessible ones; *ret_mapped is for munmap. */
static uint8_t *map_guarded(size_t size, size_t *ret_mapped)
{
	size_t page = page_size();
	size_t inner = (size + page - 1) / page * page;
	uint8_t *base = mmap(NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return NULL;
	if (mprotect(base + page, inner, PROT_READ | PROT_WRITE) < 0) {
		munmap(base, inner + 2 * page);
		return NULL;
	}
	/* Each of these may be refused (RLIMIT_MEMLOCK, an old kernel); only the lock is reported. */
	if (mlock(base + page, inner) < 0)
		__atomic_store_n(&all_locked, false, __ATOMIC_RELAXED);
	(void)madvise(base + page, inner, MADV_DONTDUMP);
	(void)madvise(base + page, inner, MADV_WIPEONFORK);
	*ret_mapped = inner + 2 * page;
	return base + page;
}

static void pool_init(void)
{
	size_t mapped;
	struct block *first;

	pool = map_guarded(CDISK_SECRET_POOL, &mapped);
	if (!pool)
		return;
	first = (struct block *)(void *)pool;
	first->units = CDISK_SECRET_POOL / UNIT;
	first->canary = CANARY;
}

/*
 * A forked child sees zeros (WIPEONFORK), and locks are not inherited: its pool starts afresh.
 */
static void pool_after_fork(void)
{
	struct block *first = (struct block *)(void *)pool;

	pthread_mutex_init(&pool_lock, NULL);
	if (!pool || first->canary == CANARY)
		return;
	if (mlock(pool, CDISK_SECRET_POOL) < 0)
		all_locked = false;
	first->units = CDISK_SECRET_POOL / UNIT;
	first->used = 0;
	first->canary = CANARY;
}

static void pool_setup(void)
{
	pool_init();
	(void)pthread_atfork(NULL, NULL, pool_after_fork);
}

static struct block *block_next(struct block *b)
{
	if (b->canary != CANARY)
		abort(); /* somebody wrote past a secret: nothing here can be trusted any more */
	b = (struct block *)(void *)((uint8_t *)b + (size_t)b->units * UNIT);
	return (uint8_t *)b < pool + CDISK_SECRET_POOL ? b : NULL;
}

/* Joins free blocks behind b to it. */
static void block_join(struct block *b)
{
	struct block *next;

	while ((next = block_next(b)) && !next->used) {
		b->units += next->units;
		explicit_bzero(next, sizeof(*next));
	}
}

static void block_split(struct block *b, uint32_t units)
{
	struct block *rest;

	if (b->units <= units)
		return;
	rest = (struct block *)(void *)((uint8_t *)b + (size_t)units * UNIT);
	rest->units = b->units - units;
	rest->used = 0;
	rest->canary = CANARY;
	b->units = units;
}

void *cdisk_pool_alloc(size_t size)
{
	uint32_t units;
	void *ret = NULL;

	if (size > CDISK_SECRET_POOL - UNIT)
		return NULL;
	units = (uint32_t)((size + UNIT - 1) / UNIT) + 1;
	pthread_once(&pool_once, pool_setup);
	if (!pool)
		return NULL;
	pthread_mutex_lock(&pool_lock);
	for (struct block *b = (struct block *)(void *)pool; b && !ret; b = block_next(b)) {
		if (b->used)
			continue;
		block_join(b);
		if (b->units < units)
			continue;
		block_split(b, units);
		b->used = 1;
		ret = b + 1;
	}
	pthread_mutex_unlock(&pool_lock);
	return ret;
}

bool cdisk_pool_owns(const void *p)
{
	const uint8_t *u = p;

	return pool && u >= pool && u < pool + CDISK_SECRET_POOL;
}

static size_t block_size(const void *p)
{
	const struct block *b = (const struct block *)p - 1;

	if (b->canary != CANARY || !b->used)
		abort();
	return ((size_t)b->units - 1) * UNIT;
}

void cdisk_pool_free(void *p)
{
	struct block *b;

	if (!p)
		return;
	pthread_mutex_lock(&pool_lock);
	explicit_bzero(p, block_size(p));
	b = (struct block *)p - 1;
	b->used = 0;
	block_join(b);
	pthread_mutex_unlock(&pool_lock);
}

void *cdisk_pool_realloc(void *p, size_t size)
{
	void *fresh;
	size_t old;

	if (!p)
		return cdisk_pool_alloc(size);
	old = block_size(p);
	if (size <= old)
		return p;
	fresh = cdisk_pool_alloc(size);
	if (!fresh)
		return NULL;
	memcpy(fresh, p, old);
	cdisk_pool_free(p);
	return fresh;
}

int cdisk_secret_alloc(size_t size, struct cdisk_secret **ret_secret)
{
	struct cdisk_secret *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->size = size;
	if (size <= CDISK_SECRET_POOL_MAX)
		s->data = cdisk_pool_alloc(size ? size : 1);
	if (!s->data)
		s->data = map_guarded(size ? size : 1, &s->mapped);
	if (!s->data) {
		free(s);
		return -ENOMEM;
	}
	*ret_secret = s;
	return 0;
}

int cdisk_secret_copy(const void *data, size_t size, struct cdisk_secret **ret_secret)
{
	struct cdisk_secret *s;
	int r = cdisk_secret_alloc(size, &s);

	if (r < 0)
		return r;
	memcpy(s->data, data, size);
	*ret_secret = s;
	return 0;
}

void *cdisk_secret_data(struct cdisk_secret *s)
{
	return s->data;
}

size_t cdisk_secret_size(const struct cdisk_secret *s)
{
	return s->size;
}

void cdisk_secret_truncate(struct cdisk_secret *s, size_t size)
{
	if (size >= s->size)
		return;
	explicit_bzero(s->data + size, s->size - size);
	s->size = size;
}

void cdisk_secret_free(struct cdisk_secret *s)
{
	if (!s)
		return;
	if (s->mapped) {
		size_t page = page_size();

		explicit_bzero(s->data, s->mapped - 2 * page);
		munmap(s->data - page, s->mapped);
	} else {
		cdisk_pool_free(s->data);
	}
	free(s);
}

bool cdisk_secret_locked(void)
{
	pthread_once(&pool_once, pool_setup);
	return pool && __atomic_load_n(&all_locked, __ATOMIC_RELAXED);
}

bool cdisk_memequal(const void *a, const void *b, size_t size)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < size; i++)
		differ |= x[i] ^ y[i];
	return differ == 0;
}
