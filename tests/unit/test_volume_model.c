// SPDX-License-Identifier: GPL-2.0-or-later
/* A volume behaves as a plain file: random requests against an array of bytes. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "volume_fixture.h"

#define BACKING_SIZE (4u * 1024 * 1024)
#define THREADS 4u

struct cipher_case {
	const char *cipher, *mode;
	uint32_t key_size;
};

static const struct cipher_case ciphers[] = {
	{"aes", "xts-plain64", 64},
	{"serpent", "xts-plain", 64},
	{"aes", "cbc-essiv:sha256", 32},
	{"twofish", "cbc-plain64", 32},
	{"aes", "lrw-benbi", 32},
};

static const uint32_t sector_sizes[] = {512, 1024, 2048, 4096};

static struct cdisk_plain *plain_open(struct cdisk_description *d, int fd, unsigned int contexts)
{
	struct cdisk_backing *backing = NULL;
	struct cdisk_plain *p = NULL;

	assert_int_equal(cdisk_backing_file(fd, &backing), 0);
	assert_int_equal(cdisk_plain_open(d, &backing, contexts, &p), 0);
	assert_null(d->key);
	assert_null(backing);
	return p;
}

/* Two ciphers with a linear part between them: requests cross every kind of border. */
static struct cdisk_plain *mixed_open(const struct cipher_case *k, uint32_t sector, int fd)
{
	struct cdisk_description d;

	fixture_init(&d);
	if (fixture_crypt(&d, 300 * 1024, 8192, k->cipher, k->mode, k->key_size, sector) < 0)
		return NULL;
	(void)fixture_segment(&d, CDISK_SEGMENT_LINEAR, 96 * 1024, 2 * 1024 * 1024);
	assert_int_equal(fixture_crypt(&d, 420 * 1024, 3 * 1024 * 1024, k->cipher, k->mode,
				 k->key_size, sector), 0);
	return plain_open(&d, fd, THREADS);
}

static void read_all(struct cdisk_plain *p, uint8_t *to)
{
	assert_int_equal(cdisk_plain_pread(p, to, (size_t)cdisk_plain_size(p), 0), 0);
}

static void one_thread(struct cdisk_plain *p, uint8_t *model, uint8_t *buf)
{
	size_t size = (size_t)cdisk_plain_size(p);
	uint32_t random = 1;

	read_all(p, model);
	for (unsigned int i = 0; i < 400; i++) {
		size_t limit = i % 4 == 0 ? size : i % 4 == 1 ? 600 : 9000;
		size_t at = fixture_random(&random) % size;
		size_t n = fixture_random(&random) % (size - at < limit ? size - at + 1 : limit);
		unsigned int what = fixture_random(&random) % 8;

		if (what < 4) {
			memset(buf, 0x5a, n);
			assert_int_equal(cdisk_plain_pread(p, buf, n, at), 0);
			assert_memory_equal(buf, model + at, n);
		} else if (what < 7) {
			for (size_t j = 0; j < n; j++)
				buf[j] = (uint8_t)fixture_random(&random);
			memcpy(model + at, buf, n);
			assert_int_equal(cdisk_plain_pwrite(p, buf, n, at), 0);
			assert_memory_equal(buf, model + at, n); /* the caller's bytes are his */
		} else {
			memset(model + at, 0, n);
			assert_int_equal(cdisk_plain_zero(p, at, n), 0);
		}
	}
	read_all(p, buf);
	assert_memory_equal(buf, model, size);
}

static void every_cipher_and_sector_size_behaves_as_a_file(void **state)
{
	uint8_t *model = malloc(BACKING_SIZE), *buf = malloc(BACKING_SIZE);

	(void)state;
	for (size_t k = 0; k < CDISK_ARRAY_SIZE(ciphers); k++) {
		for (size_t i = 0; i < CDISK_ARRAY_SIZE(sector_sizes); i++) {
			int fd = fixture_file(BACKING_SIZE);
			struct cdisk_plain *p = mixed_open(&ciphers[k], sector_sizes[i], fd);

			if (!p) {
				print_message("%s-%s with %u-byte sectors: not in this libgcrypt\n",
					ciphers[k].cipher, ciphers[k].mode, sector_sizes[i]);
				assert_true(k >= 4); /* only LRW may be missing */
			} else {
				one_thread(p, model, buf);
			}
			cdisk_plain_close(p);
			close(fd);
		}
	}
	free(model);
	free(buf);
}

/* Byte i belongs to one thread; the pieces are small and never end on a sector. */
static unsigned int owner_of(size_t i)
{
	return (unsigned int)(i / 97) % THREADS;
}

struct writer {
	pthread_t thread;
	struct cdisk_plain *plain;
	uint8_t *model; /* shared; each thread touches its own bytes */
	unsigned int number;
	unsigned int wrong;
};

static void write_own_piece(struct writer *w, uint32_t *random, size_t size)
{
	size_t piece = (fixture_random(random) % (size / 97 / THREADS)) * THREADS + w->number;
	size_t skip = fixture_random(random) % 97, n = 1 + fixture_random(random) % (97 - skip);
	size_t at = piece * 97 + skip;

	for (size_t j = 0; j < n; j++)
		w->model[at + j] = (uint8_t)fixture_random(random);
	if (cdisk_plain_pwrite(w->plain, w->model + at, n, at) != 0)
		w->wrong++;
}

/* Others write into the same sectors meanwhile: my bytes there are whole all the same. */
static void read_and_compare(struct writer *w, uint32_t *random, size_t size)
{
	uint8_t buf[10000];
	size_t n = 1 + fixture_random(random) % sizeof(buf);
	size_t at = fixture_random(random) % (size - n);

	if (cdisk_plain_pread(w->plain, buf, n, at) != 0)
		w->wrong++;
	for (size_t j = 0; j < n; j++)
		if (owner_of(at + j) == w->number && buf[j] != w->model[at + j])
			w->wrong++;
}

static void *write_and_read(void *data)
{
	struct writer *w = data;
	size_t size = 32 * 1024; /* few sectors, so that they meet */
	uint32_t random = w->number + 1;

	for (unsigned int i = 0; i < 4000; i++) {
		if (i % 3 == 0)
			read_and_compare(w, &random, size);
		else
			write_own_piece(w, &random, size);
	}
	return NULL;
}

static void contend(struct cdisk_plain *p)
{
	struct writer writers[THREADS];
	size_t size = (size_t)cdisk_plain_size(p);
	uint8_t *model = malloc(size), *buf = malloc(size);

	read_all(p, model);
	for (unsigned int i = 0; i < THREADS; i++) {
		writers[i] = (struct writer){.plain = p, .model = model, .number = i};
		assert_int_equal(
			pthread_create(&writers[i].thread, NULL, write_and_read, &writers[i]), 0);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
		assert_int_equal(writers[i].wrong, 0);
	}
	read_all(p, buf);
	assert_memory_equal(buf, model, size);
	free(model);
	free(buf);
}

static void writers_inside_one_sector_both_keep_their_bytes(void **state)
{
	(void)state;
	for (size_t k = 0; k < 3; k += 2) {
		for (size_t i = 0; i < CDISK_ARRAY_SIZE(sector_sizes); i += 3) {
			int fd = fixture_file(BACKING_SIZE);
			struct cdisk_plain *p = mixed_open(&ciphers[k], sector_sizes[i], fd);

			assert_non_null(p);
			contend(p);
			cdisk_plain_close(p);
			close(fd);
		}
	}
}

static void one_context_serves_many_threads(void **state)
{
	struct cdisk_description d;
	int fd = fixture_file(BACKING_SIZE);
	struct cdisk_plain *p;

	(void)state;
	fixture_init(&d);
	assert_int_equal(fixture_crypt(&d, 64 * 1024, 4096, "aes", "xts-plain64", 64, 4096), 0);
	p = plain_open(&d, fd, 1);
	contend(p);
	cdisk_plain_close(p);
	close(fd);
}

struct grower {
	pthread_t thread;
	struct cdisk_plain *plain;
	int fd;
};

static void *grow(void *data)
{
	struct grower *g = data;

	for (uint64_t size = 64; size <= 512; size += 4)
		if (ftruncate(g->fd, (off_t)(size * 1024)) < 0 || cdisk_plain_resize(g->plain) < 0)
			return g;
	return NULL;
}

/* Requests inside the old size never fail while the volume grows. */
static void growth_disturbs_nobody(void **state)
{
	struct cdisk_description d;
	struct grower g = {.fd = fixture_file(64 * 1024)};
	uint8_t buf[8192] = {0};
	void *failed;

	(void)state;
	fixture_init(&d);
	assert_int_equal(fixture_crypt(&d, 60 * 1024, 4096, "aes", "xts-plain64", 64, 4096), 0);
	d.dynamic = true;
	g.plain = plain_open(&d, g.fd, 2);
	assert_int_equal(pthread_create(&g.thread, NULL, grow, &g), 0);
	for (unsigned int i = 0; i < 3000; i++) {
		uint64_t at = i * 17 % (52 * 1024);

		assert_int_equal(cdisk_plain_pwrite(g.plain, buf, 100, at), 0);
		assert_int_equal(cdisk_plain_pread(g.plain, buf, sizeof(buf), at), 0);
	}
	assert_int_equal(pthread_join(g.thread, &failed), 0);
	assert_null(failed);
	assert_int_equal(cdisk_plain_size(g.plain), 508 * 1024);
	cdisk_plain_close(g.plain);
	close(g.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cipher_and_sector_size_behaves_as_a_file),
		cmocka_unit_test(writers_inside_one_sector_both_keep_their_bytes),
		cmocka_unit_test(one_context_serves_many_threads),
		cmocka_unit_test(growth_disturbs_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
