// SPDX-License-Identifier: GPL-2.0-or-later
/* The file `disk` of a running server: what is written, read, synced and promised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include <linux/falloc.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "serve_harness.h"
#include "volume_fixture.h"

#define MIB (1024u * 1024)

static void start(struct served *v, struct cdisk_description *d, int backing, uint32_t flags)
{
	int r = serve_launch(v, d, backing, flags);

	if (r < 0)
		print_message("server: %s\n", v->ready.message);
	assert_int_equal(r, 0);
	cdisk_description_done(d);
}

static void start_linear(struct served *v, int backing, uint64_t size)
{
	struct cdisk_description d;

	fixture_init(&d);
	(void)fixture_segment(&d, CDISK_SEGMENT_LINEAR, size, 0);
	start(v, &d, backing, 0);
}

static void describe_aes(struct cdisk_description *d, uint64_t size, uint64_t offset,
	uint32_t sector)
{
	fixture_init(d);
	assert_int_equal(fixture_crypt(d, size, offset, "aes", "xts-plain64", 64, sector), 0);
}

static int disk_open(const struct served *v, int flags)
{
	int fd = open(v->disk, flags | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void a_linear_volume_is_the_backing(void **state)
{
	static uint8_t buf[3 * MIB], back[3 * MIB];
	int backing = fixture_file(8 * MIB), fd;
	struct served v;
	struct stat st;

	(void)state;
	start_linear(&v, backing, 8 * MIB);
	fd = disk_open(&v, O_RDWR);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 8 * MIB);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_blksize, 512);
	assert_int_equal(pread(fd, buf, sizeof(buf), MIB + 5), sizeof(buf));
	assert_int_equal(pread(backing, back, sizeof(back), MIB + 5), sizeof(back));
	assert_memory_equal(buf, back, sizeof(buf));
	memset(buf, 0x77, sizeof(buf));
	assert_int_equal(pwrite(fd, buf, sizeof(buf), 4 * MIB + 100), sizeof(buf));
	assert_int_equal(fsync(fd), 0);
	assert_int_equal(pread(backing, back, sizeof(back), 4 * MIB + 100), sizeof(back));
	assert_memory_equal(buf, back, sizeof(buf));
	close(fd);
	assert_int_equal(serve_stop(&v), 0);
	close(backing);
}

static void ciphertext_is_what_the_volume_code_makes(void **state)
{
	static uint8_t buf[2 * MIB], back[2 * MIB];
	int backing = fixture_file(8 * MIB), fd;
	struct cdisk_description d;
	struct cdisk_backing *b = NULL;
	struct cdisk_plain *p = NULL;
	struct served v;

	(void)state;
	describe_aes(&d, 6 * MIB, 4096, 4096);
	start(&v, &d, backing, 0);
	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)(i * 7 + i / 4096);
	fd = disk_open(&v, O_RDWR);
	assert_int_equal(pwrite(fd, buf, sizeof(buf), 12345), sizeof(buf));
	close(fd);
	assert_int_equal(serve_stop(&v), 0);
	describe_aes(&d, 6 * MIB, 4096, 4096);
	assert_int_equal(cdisk_backing_file(backing, &b), 0);
	assert_int_equal(cdisk_plain_open(&d, &b, 1, &p), 0);
	assert_int_equal(cdisk_plain_pread(p, back, sizeof(back), 12345), 0);
	assert_memory_equal(buf, back, sizeof(buf));
	cdisk_plain_close(p);
	close(backing);
}

/* Reads around the page cache. */
static void read_direct(const struct served *v, void *to, size_t size, off_t offset)
{
	int fd = disk_open(v, O_RDONLY | O_DIRECT);

	assert_int_equal(pread(fd, to, size, offset), (ssize_t)size);
	close(fd);
}

static void zeros_that_were_promised_read_back_as_zeros(void **state)
{
	static uint8_t buf[MIB] __attribute__((aligned(4096))), zero[MIB];
	int backing = fixture_file(8 * MIB), fd;
	struct cdisk_description d;
	struct served v;

	(void)state;
	describe_aes(&d, 8 * MIB, 0, 4096);
	start(&v, &d, backing, 0);
	fd = disk_open(&v, O_RDWR);
	assert_int_equal(fallocate(fd, FALLOC_FL_ZERO_RANGE, 100, MIB), 0);
	read_direct(&v, buf, MIB, 0);
	assert_memory_equal(buf + 100, zero, MIB - 100);
	assert_true(buf[0] | buf[1] | buf[98] | buf[99]);
	read_direct(&v, buf, 4096, MIB);
	assert_memory_equal(buf, zero, 100);
	assert_true(buf[100] | buf[101] | buf[102]);
	/* What cannot be kept is not promised. */
	assert_int_equal(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, MIB), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	assert_int_equal(fallocate(fd, 0, 0, MIB), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	assert_int_equal(fallocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 7 * MIB, 2 * MIB),
		-1);
	assert_int_equal(errno, ENOSPC);
	close(fd);
	assert_int_equal(serve_stop(&v), 0);
	close(backing);
}

static void the_end_of_the_disk_is_the_end(void **state)
{
	int backing = fixture_file(MIB), fd;
	struct served v;
	uint8_t buf[4096] = {1};

	(void)state;
	start_linear(&v, backing, MIB);
	fd = disk_open(&v, O_RDWR);
	assert_int_equal(pwrite(fd, buf, sizeof(buf), MIB - 1000), 1000);
	assert_int_equal(pwrite(fd, buf, sizeof(buf), MIB), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(pread(fd, buf, sizeof(buf), MIB - 10), 10);
	assert_int_equal(pread(fd, buf, sizeof(buf), MIB + 10), 0);
	assert_int_equal(lseek(fd, 0, SEEK_HOLE), MIB);
	assert_int_equal(lseek(fd, 5, SEEK_DATA), 5);
	assert_int_equal(ftruncate(fd, MIB), 0);
	assert_int_equal(ftruncate(fd, MIB - 1), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 2 * MIB), -1);
	close(fd);
	assert_int_equal(open(v.disk, O_RDWR | O_TRUNC | O_CLOEXEC), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(chmod(v.disk, 0666), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(serve_stop(&v), 0);
	close(backing);
}

static void a_read_only_disk_cannot_be_opened_for_writing(void **state)
{
	int backing = fixture_file(MIB), fd;
	struct cdisk_description d;
	struct served v;
	struct stat st;
	char byte;

	(void)state;
	fixture_init(&d);
	(void)fixture_segment(&d, CDISK_SEGMENT_LINEAR, MIB, 0);
	d.read_only = true;
	start(&v, &d, backing, 0);
	assert_int_equal(stat(v.disk, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0400);
	assert_int_equal(open(v.disk, O_RDWR | O_CLOEXEC), -1);
	assert_int_equal(errno, EROFS);
	fd = disk_open(&v, O_RDONLY);
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(fsync(fd), 0);
	close(fd);
	assert_int_equal(serve_stop(&v), 0);
	close(backing);
}

static void a_backing_that_shrank_gives_eio(void **state)
{
	int backing = fixture_file(8 * MIB), fd;
	struct cdisk_description d;
	struct served v;
	uint8_t buf[4096];

	(void)state;
	describe_aes(&d, 8 * MIB, 0, 4096);
	start(&v, &d, backing, 0);
	fd = disk_open(&v, O_RDWR);
	assert_int_equal(ftruncate(backing, MIB), 0);
	assert_int_equal(pread(fd, buf, sizeof(buf), 4 * MIB), -1);
	assert_int_equal(errno, EIO);
	assert_int_equal(pread(fd, buf, sizeof(buf), 4096), sizeof(buf));
	close(fd);
	assert_int_equal(serve_stop(&v), 0);
	close(backing);
}

/* A container on a filesystem of 2 MiB that has no room for what its size says. */
static int full_filesystem(char *dir)
{
	char path[128];
	int fd;

	(void)strcpy(dir, "/tmp/cryptdisk-served-full-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(mount("tmpfs", dir, "tmpfs", MS_NOSUID | MS_NODEV, "size=2m"), 0);
	(void)snprintf(path, sizeof(path), "%s/container", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 16 * MIB), 0);
	return fd;
}

static void no_space_under_the_container_reaches_the_writer(void **state)
{
	static uint8_t buf[4 * MIB];
	char dir[64];
	int backing = full_filesystem(dir), fd;
	struct cdisk_description d;
	struct served v;
	ssize_t n;

	(void)state;
	describe_aes(&d, 16 * MIB, 0, 4096);
	start(&v, &d, backing, 0);
	fd = disk_open(&v, O_RDWR);
	n = pwrite(fd, buf, sizeof(buf), 0);
	assert_true(n < (ssize_t)sizeof(buf));
	n = pwrite(fd, buf, sizeof(buf), 8 * MIB);
	assert_int_equal(n, -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(pread(fd, buf, 4096, 0), 4096);
	close(fd);
	assert_int_equal(serve_stop(&v), 0);
	close(backing);
	assert_int_equal(umount2(dir, 0), 0);
	(void)rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_linear_volume_is_the_backing),
		cmocka_unit_test(ciphertext_is_what_the_volume_code_makes),
		cmocka_unit_test(zeros_that_were_promised_read_back_as_zeros),
		cmocka_unit_test(the_end_of_the_disk_is_the_end),
		cmocka_unit_test(a_read_only_disk_cannot_be_opened_for_writing),
		cmocka_unit_test(a_backing_that_shrank_gives_eio),
		cmocka_unit_test(no_space_under_the_container_reaches_the_writer),
	};

	if (serve_missing()) {
		print_message("skipped: %s\n", serve_missing());
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
