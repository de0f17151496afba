// SPDX-License-Identifier: GPL-2.0-or-later
/* Locks, exact I/O, descriptions and processes. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "base/description.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/process.h"

static int temp_fd(void)
{
	char path[] = "/tmp/cryptdisk-test-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	return fd;
}

/* The same file, another open file description. */
static int reopen(int fd, int flags)
{
	char path[CDISK_FD_PATH_MAX];
	int again;

	cdisk_fd_path(fd, path);
	again = open(path, flags | O_CLOEXEC);
	assert_true(again >= 0);
	return again;
}

static void test_a_second_writer_is_refused_at_once(void **state)
{
	int a = temp_fd(), b = reopen(a, O_RDWR), r = reopen(a, O_RDONLY);

	(void)state;
	assert_int_equal(cdisk_lock(a, CDISK_LOCK_DATA, true), 0);
	assert_int_equal(cdisk_lock(b, CDISK_LOCK_DATA, true), -EAGAIN);
	assert_int_equal(cdisk_lock(r, CDISK_LOCK_DATA, false), -EAGAIN);
	assert_int_equal(cdisk_lock(b, CDISK_LOCK_HEADER, true), 0); /* the other range is free */
	assert_int_equal(cdisk_unlock(a, CDISK_LOCK_DATA), 0);
	assert_int_equal(cdisk_lock(r, CDISK_LOCK_DATA, false), 0);
	assert_int_equal(cdisk_lock(b, CDISK_LOCK_DATA, false), 0);
	close(a);
	close(b);
	close(r);
}

static void test_a_duplicate_keeps_the_lock(void **state)
{
	int a = temp_fd(), b = reopen(a, O_RDWR), copy = fcntl(a, F_DUPFD_CLOEXEC, 3);

	(void)state;
	assert_int_equal(cdisk_lock(a, CDISK_LOCK_DATA, true), 0);
	close(a);
	assert_int_equal(cdisk_lock(b, CDISK_LOCK_DATA, true), -EAGAIN);
	close(copy);
	assert_int_equal(cdisk_lock(b, CDISK_LOCK_DATA, true), 0);
	close(b);
}

static void test_waiting_for_a_lock_ends(void **state)
{
	int a = temp_fd(), b = reopen(a, O_RDWR);

	(void)state;
	assert_int_equal(cdisk_lock(a, CDISK_LOCK_HEADER, true), 0);
	assert_int_equal(cdisk_lock_wait(b, CDISK_LOCK_HEADER, true, 60), -EAGAIN);
	close(a);
	assert_int_equal(cdisk_lock_wait(b, CDISK_LOCK_HEADER, true, 60), 0);
	close(b);
}

static void test_reading_past_the_end_is_an_error(void **state)
{
	int fd = temp_fd();
	char buf[8] = "";

	(void)state;
	assert_int_equal(cdisk_pwrite_full(fd, "abcdef", 6, 0), 0);
	assert_int_equal(cdisk_pread_full(fd, buf, 6, 0), 0);
	assert_memory_equal(buf, "abcdef", 6);
	assert_int_equal(cdisk_pread_full(fd, buf, 4, 3), -ENODATA);
	assert_int_equal(cdisk_pread_full(fd, buf, 4, UINT64_MAX - 1), -EINVAL);
	close(fd);
}

static void test_a_sealed_copy_cannot_change(void **state)
{
	int fd, again;

	(void)state;
	assert_int_equal(cdisk_memfd_new("test", 4096, &fd), 0);
	assert_int_equal(cdisk_pwrite_full(fd, "x", 1, 0), 0);
	assert_int_equal(cdisk_memfd_seal(fd), 0);
	again = reopen(fd, O_RDWR);
	assert_int_equal(cdisk_pwrite_full(again, "y", 1, 0), -EPERM);
	assert_int_equal(ftruncate(again, 0), -1);
	close(again);
	close(fd);
}

static struct cdisk_description good(void)
{
	struct cdisk_description d = {
		.size = 8192, .sector_size = 4096, .n_segments = 2, .dynamic = true,
		.segments = {
			{.start = 0, .length = 4096, .kind = CDISK_SEGMENT_ZERO},
			{.start = 4096, .length = 4096, .offset = 512, .kind = CDISK_SEGMENT_LINEAR},
		},
	};

	return d;
}

static int check(const struct cdisk_description *d)
{
	const char *why = NULL;
	int r = cdisk_description_check(d, 4608, &why);

	assert_true((r == 0) == (why == NULL));
	return r;
}

static void test_only_whole_descriptions_pass(void **state)
{
	struct cdisk_description d = good();

	(void)state;
	assert_int_equal(check(&d), 0);
	d.segments[1].start = 4608;
	assert_int_equal(check(&d), -EINVAL);
	d = good();
	d.segments[1].offset = 513;
	assert_int_equal(check(&d), -EINVAL);
	d = good();
	d.segments[1].offset = UINT64_MAX - 100;
	assert_int_equal(check(&d), -EINVAL);
	d = good();
	d.n_segments = CDISK_SEGMENTS_MAX + 1;
	assert_int_equal(check(&d), -EINVAL);
	d = good();
	d.sector_size = 1536;
	assert_int_equal(check(&d), -EINVAL);
	d = good();
	d.segments[1].kind = CDISK_SEGMENT_CRYPT; /* no key, no cipher */
	assert_int_equal(check(&d), -EINVAL);
	d = good();
	d.size += 512;
	assert_int_equal(check(&d), -EINVAL);
}

static void test_a_dynamic_description_follows_its_backing(void **state)
{
	struct cdisk_description d = good();

	(void)state;
	assert_int_equal(cdisk_description_resize(&d, 512 + 3 * 4096 + 100), 0);
	assert_int_equal(d.size, 4 * 4096);
	assert_int_equal(cdisk_description_resize(&d, 512), -EINVAL);
	assert_int_equal(d.size, 4 * 4096);
	d.dynamic = false;
	assert_int_equal(cdisk_description_resize(&d, 1 << 20), -EINVAL);
}

static int run(const char *const argv[], char *output, size_t size, unsigned int timeout_ms)
{
	struct cdisk c = {0};
	struct cdisk_program p = {.argv = argv, .output = output, .output_size = size,
				  .timeout_ms = timeout_ms};

	return cdisk_program_run(&c, &p);
}

static void test_a_program_sees_a_clean_world(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c", "env | sort; ls /proc/self/fd | wc -l; exit 7", NULL};
	char out[1024];

	(void)state;
	assert_int_equal(setenv("CRYPTDISK_TEST_SECRET", "leak", 1), 0);
	assert_int_equal(run(argv, out, sizeof(out), 0), 7);
	assert_null(strstr(out, "leak"));
	assert_non_null(strstr(out, "LC_ALL=C"));
	assert_non_null(strstr(out, "\n4\n")); /* 0, 1, 2 and ls's own */
}

static void test_output_is_cut_and_the_program_still_ends(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x", NULL};
	char out[16];

	(void)state;
	assert_int_equal(run(argv, out, sizeof(out), 20000), 0);
	assert_string_equal(out, "xxxxxxxxxxxxxxx");
}

static void test_a_program_that_hangs_is_killed(void **state)
{
	const char *const argv[] = {"/bin/sleep", "1000", NULL};

	(void)state;
	assert_int_equal(run(argv, NULL, 0, 100), -ETIMEDOUT);
}

static int say_no(const char *what, uint64_t done, uint64_t total, void *data)
{
	(void)what, (void)done, (void)total, (void)data;
	return 1;
}

static void test_a_program_can_be_cancelled(void **state)
{
	const char *const argv[] = {"/bin/sleep", "1000", NULL};
	struct cdisk c = {.progress = say_no};
	struct cdisk_program p = {.argv = argv, .what = "sleeping"};

	(void)state;
	assert_int_equal(cdisk_program_run(&c, &p), -ECANCELED);
	assert_string_equal(c.message, "cancelled: sleeping");
}

/* In a child without descriptors 0 to 2: 0, or the number of what went wrong. */
static int run_without_standard_files(void)
{
	static const char *const argv[] = {
		"/bin/sh", "-c", "echo out; echo err >&2; readlink /proc/$$/fd/0", NULL};
	char output[256];
	struct cdisk c = {0};
	struct cdisk_program p = {.argv = argv, .output = output, .output_size = sizeof(output)};

	if (close_range(0, 2, 0) < 0)
		return 1;
	if (cdisk_program_run(&c, &p) != 0)
		return 2;
	return strcmp(output, "out\nerr\n/dev/null\n") == 0 ? 0 : 3;
}

/* Else the first file that it opens becomes what its messages go to: a disk, for mkfs. */
static void test_a_program_has_its_standard_files_where_we_have_none(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(run_without_standard_files());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_a_pidfd_is_of_the_process_that_was_meant(void **state)
{
	uint64_t start;
	int fd, status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	assert_int_equal(cdisk_process_start_time(pid, &start), 0);
	assert_int_equal(cdisk_process_pidfd(pid, start + 1, &fd), -ESRCH);
	assert_int_equal(cdisk_process_pidfd(pid, start, &fd), 0);
	assert_int_equal(cdisk_process_wait(fd, 10), -ETIMEDOUT);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(cdisk_process_wait(fd, 10000), 0);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_second_writer_is_refused_at_once),
		cmocka_unit_test(test_a_duplicate_keeps_the_lock),
		cmocka_unit_test(test_waiting_for_a_lock_ends),
		cmocka_unit_test(test_reading_past_the_end_is_an_error),
		cmocka_unit_test(test_a_sealed_copy_cannot_change),
		cmocka_unit_test(test_only_whole_descriptions_pass),
		cmocka_unit_test(test_a_dynamic_description_follows_its_backing),
		cmocka_unit_test(test_a_program_sees_a_clean_world),
		cmocka_unit_test(test_output_is_cut_and_the_program_still_ends),
		cmocka_unit_test(test_a_program_that_hangs_is_killed),
		cmocka_unit_test(test_a_program_can_be_cancelled),
		cmocka_unit_test(test_a_program_has_its_standard_files_where_we_have_none),
		cmocka_unit_test(test_a_pidfd_is_of_the_process_that_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
