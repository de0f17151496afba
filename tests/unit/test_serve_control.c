// SPDX-License-Identifier: GPL-2.0-or-later
/* The files `info` and `control`. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include "serve_harness.h"
#include "volume_fixture.h"

#define KIB 1024u

struct setup {
	struct served v;
	int backing;
	char control[96], info[96];
};

static void setup_start(struct setup *t, bool dynamic, bool read_only)
{
	struct cdisk_description d;

	t->backing = fixture_file(256 * KIB);
	fixture_init(&d);
	assert_int_equal(fixture_crypt(&d, 252 * KIB, 4 * KIB, "aes", "xts-plain64", 64, 4096), 0);
	(void)strcpy(d.label, "A \"label\"");
	d.dynamic = dynamic;
	d.read_only = read_only;
	assert_int_equal(serve_launch(&t->v, &d, t->backing, 0), 0);
	cdisk_description_done(&d);
	(void)snprintf(t->control, sizeof(t->control), "%s/control", t->v.dir);
	(void)snprintf(t->info, sizeof(t->info), "%s/info", t->v.dir);
}

static void setup_stop(struct setup *t)
{
	assert_int_equal(serve_stop(&t->v), 0);
	close(t->backing);
}

static void read_info(const struct setup *t, char *text, size_t size)
{
	int fd = open(t->info, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, text, size - 1);
	assert_true(n > 0);
	text[n] = '\0';
	close(fd);
}

static void info_tells_the_volume_and_its_owner(void **state)
{
	char text[16384], expected[64];
	struct stat st;
	struct setup t;

	(void)state;
	setup_start(&t, false, false);
	read_info(&t, text, sizeof(text));
	assert_non_null(strstr(text, "\"id\":\"00112233-4455-6677-8899-aabbccddeeff\""));
	assert_non_null(strstr(text, "\"label\":\"A \\\"label\\\"\""));
	assert_non_null(strstr(text, "\"path\":\"/nowhere/test.img\""));
	assert_non_null(strstr(text, "\"size\":258048"));
	assert_non_null(strstr(text, "\"sector_size\":4096"));
	assert_non_null(strstr(text, "\"read_only\":false"));
	(void)snprintf(expected, sizeof(expected), "\"pid\":%d", (int)t.v.pid);
	assert_non_null(strstr(text, expected));
	assert_int_equal(stat("/proc/self/ns/mnt", &st), 0);
	(void)snprintf(expected, sizeof(expected), "\"mnt_ns\":%llu",
		(unsigned long long)st.st_ino);
	assert_non_null(strstr(text, expected));
	assert_int_equal(stat(t.info, &st), 0);
	assert_int_equal(st.st_size, strlen(text));
	assert_int_equal(open(t.info, O_RDWR | O_CLOEXEC), -1);
	setup_stop(&t);
}

static void resize_follows_the_backing_and_shows_at_once(void **state)
{
	struct cdisk_control_resize q = {.size = sizeof(q)};
	char text[16384], byte = 7;
	struct setup t;
	struct stat st;
	int fd, disk;

	(void)state;
	setup_start(&t, true, false);
	disk = open(t.v.disk, O_RDWR | O_CLOEXEC);
	assert_int_equal(pread(disk, text, 4096, 248 * KIB), 4096);
	fd = open(t.control, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(t.backing, 1024 * KIB), 0);
	assert_int_equal(ioctl(fd, CDISK_CONTROL_RESIZE, &q), 0);
	assert_int_equal(q.volume_size, 1020 * KIB);
	assert_int_equal(fstat(disk, &st), 0);
	assert_int_equal(st.st_size, 1020 * KIB);
	assert_int_equal(pwrite(disk, &byte, 1, 1020 * KIB - 1), 1);
	read_info(&t, text, sizeof(text));
	assert_non_null(strstr(text, "\"size\":1044480"));
	close(disk);
	close(fd);
	setup_stop(&t);
}

static void a_volume_that_is_not_dynamic_keeps_its_size(void **state)
{
	struct cdisk_control_resize q = {.size = sizeof(q)};
	struct setup t;
	int fd;

	(void)state;
	setup_start(&t, false, false);
	fd = open(t.control, O_RDWR | O_CLOEXEC);
	assert_int_equal(ftruncate(t.backing, 1024 * KIB), 0);
	assert_int_equal(ioctl(fd, CDISK_CONTROL_RESIZE, &q), -1);
	assert_int_equal(errno, EINVAL);
	close(fd);
	setup_stop(&t);
}

static void trim_gives_ciphertext_back_to_the_host(void **state)
{
	struct cdisk_control_range q = {.size = sizeof(q), .offset = 8 * KIB, .length = 128 * KIB};
	struct stat before, after;
	struct setup t;
	char buf[4096];
	int fd;

	(void)state;
	setup_start(&t, false, false);
	fd = open(t.control, O_RDWR | O_CLOEXEC);
	assert_int_equal(fstat(t.backing, &before), 0);
	assert_int_equal(ioctl(fd, CDISK_CONTROL_TRIM, &q), 0);
	assert_int_equal(q.done, 128 * KIB);
	assert_int_equal(fstat(t.backing, &after), 0);
	assert_int_equal(after.st_blocks, before.st_blocks - 256);
	assert_int_equal(after.st_size, before.st_size);
	assert_int_equal(pread(t.backing, buf, sizeof(buf), 12 * KIB), sizeof(buf));
	assert_int_equal(buf[0] | buf[100] | buf[4095], 0);
	q.offset = 200 * KIB;
	assert_int_equal(ioctl(fd, CDISK_CONTROL_TRIM, &q), -1);
	assert_int_equal(errno, EINVAL);
	close(fd);
	setup_stop(&t);
}

static void control_takes_exact_sizes_and_known_requests_only(void **state)
{
	struct cdisk_control_resize q = {.size = sizeof(q) - 1};
	struct cdisk_control_range range = {.size = sizeof(range), .flags = 1};
	struct setup t;
	int fd;

	(void)state;
	setup_start(&t, true, false);
	fd = open(t.control, O_RDWR | O_CLOEXEC);
	assert_int_equal(ioctl(fd, CDISK_CONTROL_RESIZE, &q), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(ioctl(fd, CDISK_CONTROL_TRIM, &range), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(ioctl(fd, _IOWR('c', 99, struct cdisk_control_range), &range), -1);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(ioctl(fd, _IOWR('c', 1, char[3]), &range), -1);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(ioctl(fd, CDISK_CONTROL_RESIZE, NULL), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(errno, EINVAL);
	close(fd);
	fd = open(t.v.disk, O_RDWR | O_CLOEXEC);
	q.size = sizeof(q);
	assert_int_equal(ioctl(fd, CDISK_CONTROL_RESIZE, &q), -1);
	assert_int_equal(errno, ENOTTY);
	close(fd);
	setup_stop(&t);
}

/* Nothing but the owner: not even a descriptor that somebody handed over helps. */
static int as_other_uid(const struct setup *t, int fd)
{
	struct cdisk_control_resize q = {.size = sizeof(q)};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (setfsuid(65534) < 0 || ioctl(fd, CDISK_CONTROL_RESIZE, &q) != -1)
			_exit(1);
		if (errno != EACCES)
			_exit(2);
		if (open(t->control, O_RDWR | O_CLOEXEC) >= 0 ||
		    open(t->v.disk, O_RDONLY | O_CLOEXEC) >= 0)
			_exit(3);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void control_obeys_its_owner_only(void **state)
{
	struct setup t;
	int fd;

	(void)state;
	setup_start(&t, true, false);
	fd = open(t.control, O_RDWR | O_CLOEXEC);
	assert_int_equal(as_other_uid(&t, fd), 0);
	close(fd);
	setup_stop(&t);
}

static void the_directory_holds_three_files_and_takes_no_more(void **state)
{
	char path[128];
	struct setup t;
	int fd;

	(void)state;
	setup_start(&t, false, false);
	(void)snprintf(path, sizeof(path), "%s/other", t.v.dir);
	assert_int_equal(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(mkdir(path, 0700), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(unlink(t.v.disk), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(rename(t.v.disk, path), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(errno, ENOENT);
	fd = open(t.v.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fsync(fd), 0);
	close(fd);
	setup_stop(&t);
}

static void a_read_only_volume_is_not_trimmed(void **state)
{
	struct cdisk_control_range q = {.size = sizeof(q), .length = 128 * KIB};
	struct setup t;
	int fd;

	(void)state;
	setup_start(&t, false, true);
	fd = open(t.control, O_RDWR | O_CLOEXEC);
	assert_int_equal(ioctl(fd, CDISK_CONTROL_TRIM, &q), -1);
	assert_int_equal(errno, EROFS);
	close(fd);
	setup_stop(&t);
}

struct user {
	pthread_t thread;
	const struct setup *t;
	int what;
};

/* Each does its own kind of request, with the cache dropped so that all of them reach the server. */
static void *use_server(void *data)
{
	const struct user *u = data;
	struct cdisk_control_range q = {.size = sizeof(q), .length = 128 * KIB};
	int fd = open(u->what ? u->t->v.disk : u->t->control, O_RDWR | O_CLOEXEC);
	char buf[16 * KIB];
	long failed = 0;
	int info;

	for (int i = 0; i < 1500; i++) {
		if (u->what == 0)
			failed += ioctl(fd, CDISK_CONTROL_TRIM, &q) != 0;
		else if (u->what == 1)
			failed += (info = open(u->t->info, O_RDONLY | O_CLOEXEC)) < 0 || close(info);
		else
			failed += posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0 ||
				  pread(fd, buf, sizeof(buf), i % 8 * 16 * KIB) != sizeof(buf);
	}
	close(fd);
	return (void *)failed;
}

/* Trim makes the kernel drop pages that others are reading: nobody may wait in a ring. */
static void control_requests_beside_reads_do_not_hang(void **state)
{
	struct user users[5];
	struct timespec limit;
	struct setup t;
	void *failed;

	(void)state;
	setup_start(&t, false, false);
	for (int i = 0; i < 5; i++) {
		users[i] = (struct user){.t = &t, .what = i};
		assert_int_equal(pthread_create(&users[i].thread, NULL, use_server, &users[i]), 0);
	}
	(void)clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 30;
	for (int i = 0; i < 5; i++) {
		if (pthread_timedjoin_np(users[i].thread, &failed, &limit) != 0) {
			(void)kill(t.v.pid, SIGKILL); /* else this test could not end, either */
			fail_msg("the server hangs");
		}
		assert_null(failed);
	}
	setup_stop(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(info_tells_the_volume_and_its_owner),
		cmocka_unit_test(resize_follows_the_backing_and_shows_at_once),
		cmocka_unit_test(a_volume_that_is_not_dynamic_keeps_its_size),
		cmocka_unit_test(trim_gives_ciphertext_back_to_the_host),
		cmocka_unit_test(control_takes_exact_sizes_and_known_requests_only),
		cmocka_unit_test(control_obeys_its_owner_only),
		cmocka_unit_test(the_directory_holds_three_files_and_takes_no_more),
		cmocka_unit_test(a_read_only_volume_is_not_trimmed),
		cmocka_unit_test(control_requests_beside_reads_do_not_hang),
	};

	if (serve_missing()) {
		print_message("skipped: %s\n", serve_missing());
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
