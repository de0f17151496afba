// SPDX-License-Identifier: GPL-2.0-or-later
/* What a volume refuses, and where its bytes lie on the backing. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "volume_fixture.h"

#define KIB 1024u

static struct cdisk_plain *plain_open(struct cdisk_description *d, int fd)
{
	struct cdisk_backing *backing = NULL;
	struct cdisk_plain *p = NULL;

	assert_int_equal(cdisk_backing_file(fd, &backing), 0);
	assert_int_equal(cdisk_plain_open(d, &backing, 2, &p), 0);
	return p;
}

static struct cdisk_plain *aes_open(int fd, uint64_t size, uint64_t offset, uint32_t sector,
	bool dynamic)
{
	struct cdisk_description d;

	fixture_init(&d);
	assert_int_equal(fixture_crypt(&d, size, offset, "aes", "xts-plain64", 64, sector), 0);
	d.dynamic = dynamic;
	return plain_open(&d, fd);
}

static void ciphertext_lies_where_the_segment_says(void **state)
{
	struct cdisk_description d;
	struct cdisk_cipher *cipher = NULL;
	int fd = fixture_file(64 * KIB);
	uint8_t plain[8192], stored[8192];
	struct cdisk_secret *key = fixture_key();
	struct cdisk_segment s;
	struct cdisk_plain *p;

	(void)state;
	fixture_init(&d);
	assert_int_equal(fixture_crypt(&d, 32 * KIB, 12 * KIB, "aes", "xts-plain64", 64, 4096), 0);
	s = d.segments[0];
	p = plain_open(&d, fd);
	memset(plain, 0x42, sizeof(plain));
	assert_int_equal(cdisk_plain_pwrite(p, plain, sizeof(plain), 16 * KIB), 0);
	assert_int_equal(pread(fd, stored, sizeof(stored), 28 * KIB), sizeof(stored));
	assert_int_equal(cdisk_cipher_new(&s.cipher,
				 (const uint8_t *)cdisk_secret_data(key) + s.key_offset, &cipher), 0);
	/* LUKS2 counts 512-byte units also for larger sectors */
	assert_int_equal(cdisk_cipher_decrypt(cipher, s.iv0 + 16 * KIB / 512, stored, stored,
				 sizeof(stored)), 0);
	assert_memory_equal(stored, plain, sizeof(plain));
	cdisk_cipher_free(cipher);
	cdisk_secret_free(key);
	cdisk_plain_close(p);
	close(fd);
}

static void requests_beyond_the_end_are_refused_and_write_nothing(void **state)
{
	int fd = fixture_file(64 * KIB);
	struct cdisk_plain *p = aes_open(fd, 16 * KIB, 4 * KIB, 512, false);
	uint8_t before[64 * KIB], after[64 * KIB], buf[1024] = {0};

	(void)state;
	assert_int_equal(pread(fd, before, sizeof(before), 0), sizeof(before));
	assert_int_equal(cdisk_plain_pread(p, buf, 1024, 16 * KIB - 1023), -EINVAL);
	assert_int_equal(cdisk_plain_pwrite(p, buf, 1024, 16 * KIB - 1023), -EINVAL);
	assert_int_equal(cdisk_plain_pwrite(p, buf, 1, 16 * KIB), -EINVAL);
	assert_int_equal(cdisk_plain_pwrite(p, buf, 2, UINT64_MAX), -EINVAL);
	assert_int_equal(cdisk_plain_zero(p, 16 * KIB - 1, 2), -EINVAL);
	assert_int_equal(cdisk_plain_zero(p, 0, UINT64_MAX), -EINVAL);
	assert_int_equal(cdisk_plain_pread(p, buf, 0, 16 * KIB), 0);
	assert_int_equal(cdisk_plain_pread(p, buf, 0, 16 * KIB + 1), -EINVAL);
	assert_int_equal(pread(fd, after, sizeof(after), 0), sizeof(after));
	assert_memory_equal(before, after, sizeof(before));
	cdisk_plain_close(p);
	close(fd);
}

static void a_zero_segment_reads_zeros_and_refuses_the_whole_write(void **state)
{
	struct cdisk_description d;
	int fd = fixture_file(64 * KIB);
	struct cdisk_plain *p;
	uint8_t buf[8192], old[8192];

	(void)state;
	fixture_init(&d);
	(void)fixture_segment(&d, CDISK_SEGMENT_LINEAR, 4 * KIB, 0);
	(void)fixture_segment(&d, CDISK_SEGMENT_ZERO, 4 * KIB, 0);
	p = plain_open(&d, fd);
	assert_int_equal(cdisk_plain_pread(p, old, sizeof(old), 0), 0);
	for (unsigned int i = 4096; i < 8192; i++)
		assert_int_equal(old[i], 0);
	memset(buf, 1, sizeof(buf));
	assert_int_equal(cdisk_plain_pwrite(p, buf, sizeof(buf), 0), -EROFS);
	assert_int_equal(cdisk_plain_pread(p, buf, sizeof(buf), 0), 0);
	assert_memory_equal(buf, old, sizeof(buf)); /* not even its first half */
	assert_int_equal(cdisk_plain_zero(p, 4000, 4000), 0);
	cdisk_plain_close(p);
	close(fd);
}

static void a_read_only_volume_is_not_written(void **state)
{
	struct cdisk_description d;
	int fd = fixture_file(64 * KIB);
	struct cdisk_plain *p;
	uint64_t done;

	(void)state;
	fixture_init(&d);
	(void)fixture_segment(&d, CDISK_SEGMENT_LINEAR, 64 * KIB, 0);
	d.read_only = true;
	p = plain_open(&d, fd);
	assert_int_equal(cdisk_plain_pwrite(p, "x", 1, 0), -EROFS);
	assert_int_equal(cdisk_plain_zero(p, 0, 512), -EROFS);
	assert_int_equal(cdisk_plain_discard(p, 0, 512, &done), -EROFS);
	cdisk_plain_close(p);
	close(fd);
}

static void a_backing_that_shrank_gives_an_input_error(void **state)
{
	int fd = fixture_file(64 * KIB);
	struct cdisk_plain *p = aes_open(fd, 64 * KIB, 0, 4096, false);
	uint8_t buf[4096];

	(void)state;
	assert_int_equal(ftruncate(fd, 10 * KIB), 0);
	assert_int_equal(cdisk_plain_pread(p, buf, sizeof(buf), 4 * KIB), 0);
	assert_int_equal(cdisk_plain_pread(p, buf, sizeof(buf), 8 * KIB), -EIO);
	assert_int_equal(cdisk_plain_pwrite(p, buf, 1, 40 * KIB), -EIO); /* its sector is gone */
	cdisk_plain_close(p);
	close(fd);
}

static void a_dynamic_volume_follows_its_backing(void **state)
{
	int fd = fixture_file(64 * KIB);
	struct cdisk_plain *p = aes_open(fd, 60 * KIB, 4 * KIB, 4096, true);
	uint8_t buf[512] = {7}, back[512];

	(void)state;
	assert_int_equal(ftruncate(fd, 128 * KIB + 100), 0);
	assert_int_equal(cdisk_plain_pwrite(p, buf, sizeof(buf), 100 * KIB), -EINVAL);
	assert_int_equal(cdisk_plain_resize(p), 0);
	assert_int_equal(cdisk_plain_size(p), 124 * KIB);
	assert_int_equal(cdisk_plain_pwrite(p, buf, sizeof(buf), 100 * KIB), 0);
	assert_int_equal(cdisk_plain_pread(p, back, sizeof(back), 100 * KIB), 0);
	assert_memory_equal(buf, back, sizeof(buf));
	cdisk_plain_close(p);
	p = aes_open(fd, 60 * KIB, 4 * KIB, 4096, false);
	assert_int_equal(cdisk_plain_resize(p), -EINVAL);
	assert_int_equal(cdisk_plain_size(p), 60 * KIB);
	cdisk_plain_close(p);
	close(fd);
}

static void discard_takes_whole_sectors_only(void **state)
{
	int fd = fixture_file(64 * KIB);
	struct cdisk_plain *p = aes_open(fd, 60 * KIB, 4 * KIB, 4096, false);
	uint8_t before[60 * KIB], after[60 * KIB], hole[4096];
	uint64_t done = 1;

	(void)state;
	assert_int_equal(cdisk_plain_pread(p, before, sizeof(before), 0), 0);
	assert_int_equal(cdisk_plain_discard(p, 4096 * 2 + 1, 8190, &done), 0);
	assert_int_equal(done, 0);
	assert_int_equal(cdisk_plain_discard(p, 4096 * 2 + 1, 2 * 4096, &done), 0);
	assert_int_equal(done, 4096);
	assert_int_equal(pread(fd, hole, sizeof(hole), 4096 * 4), sizeof(hole));
	for (unsigned int i = 0; i < sizeof(hole); i++)
		assert_int_equal(hole[i], 0);
	assert_int_equal(cdisk_plain_pread(p, after, sizeof(after), 0), 0);
	assert_memory_equal(before, after, 4096 * 3);
	assert_memory_equal(before + 4096 * 4, after + 4096 * 4, sizeof(after) - 4096 * 4);
	cdisk_plain_close(p);
	close(fd);
}

static void a_wrong_description_leaves_key_and_backing_with_the_caller(void **state)
{
	struct cdisk_description d;
	struct cdisk_backing *backing = NULL;
	struct cdisk_plain *p = NULL;
	int fd = fixture_file(64 * KIB);

	(void)state;
	fixture_init(&d);
	assert_int_equal(fixture_crypt(&d, 64 * KIB, 4 * KIB, "aes", "xts-plain64", 64, 512), 0);
	assert_int_equal(cdisk_backing_file(fd, &backing), 0);
	assert_int_equal(cdisk_plain_open(&d, &backing, 1, &p), -EINVAL);
	assert_null(p);
	assert_non_null(d.key);
	assert_non_null(backing);
	cdisk_description_done(&d);
	backing->ops->close(backing);
	close(fd);
}

static void nothing_but_files_and_block_devices_is_a_backing(void **state)
{
	struct cdisk_backing *backing = NULL;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(cdisk_backing_file(fds[0], &backing), -EINVAL);
	assert_int_equal(cdisk_backing_file(-1, &backing), -EBADF);
	close(fds[0]);
	close(fds[1]);
}

static void a_pool_that_is_nearly_full_gives_fewer_contexts(void **state)
{
	struct cdisk_description d;
	struct cdisk_backing *backing = NULL;
	int fd = fixture_file(64 * KIB);
	void *filler[64];
	unsigned int n = 0;
	struct cdisk_plain *p = NULL;
	uint8_t buf[512];

	(void)state;
	fixture_init(&d);
	assert_int_equal(fixture_crypt(&d, 16 * KIB, 0, "aes", "xts-plain64", 64, 512), 0);
	while (n < CDISK_ARRAY_SIZE(filler) && (filler[n] = cdisk_pool_alloc(2048)) != NULL)
		n++;
	assert_int_equal(cdisk_backing_file(fd, &backing), 0);
	assert_int_equal(cdisk_plain_open(&d, &backing, 4, &p), -ENOMEM);
	/* Room for one context, or two; not for four. */
	for (unsigned int i = 0; i < 4; i++)
		cdisk_pool_free(filler[--n]);
	assert_int_equal(cdisk_plain_open(&d, &backing, 4, &p), 0);
	assert_int_equal(cdisk_plain_pread(p, buf, sizeof(buf), 0), 0);
	cdisk_plain_close(p);
	while (n > 0)
		cdisk_pool_free(filler[--n]);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ciphertext_lies_where_the_segment_says),
		cmocka_unit_test(requests_beyond_the_end_are_refused_and_write_nothing),
		cmocka_unit_test(a_zero_segment_reads_zeros_and_refuses_the_whole_write),
		cmocka_unit_test(a_read_only_volume_is_not_written),
		cmocka_unit_test(a_backing_that_shrank_gives_an_input_error),
		cmocka_unit_test(a_dynamic_volume_follows_its_backing),
		cmocka_unit_test(discard_takes_whole_sectors_only),
		cmocka_unit_test(a_wrong_description_leaves_key_and_backing_with_the_caller),
		cmocka_unit_test(nothing_but_files_and_block_devices_is_a_backing),
		cmocka_unit_test(a_pool_that_is_nearly_full_gives_fewer_contexts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
