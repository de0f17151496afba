// SPDX-License-Identifier: GPL-2.0-or-later
/* The event log: lines, numbers, rotation, torn lines, many writers, and what must not be said twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include "base/io.h"
#include "mount/event.h"

#define SEEN_MAX 20000

static char dir[] = "/tmp/cryptdisk-events.XXXXXX";

static void path_of(const char *name, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s/%s", dir, name);
}

static int dir_make(void **state)
{
	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	return mkdtemp(dir) ? 0 : -1;
}

static int dir_remove(void **state)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	(void)state;
	while (d && (e = readdir(d))) {
		(void)unlinkat(dirfd(d), e->d_name, 0);
		(void)unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	}
	closedir(d);
	return rmdir(dir);
}

static struct cdisk_event_line line_of(const char *instance, enum cdisk_event_kind kind, int32_t pid)
{
	struct cdisk_event_line l = {.event = {.kind = kind, .reason = "user"}};

	cdisk_event_writer(&l);
	(void)snprintf(l.event.volume.id, sizeof(l.event.volume.id),
		"01234567-89ab-4cde-8f01-23456789abcd");
	(void)snprintf(l.event.volume.instance, sizeof(l.event.volume.instance), "%s", instance);
	l.event.volume.state = cdisk_event_state(kind);
	l.event.volume.pid = pid;
	l.event.volume.pid_start = (uint64_t)pid * 10;
	l.event.volume.audit_session = UINT32_MAX;
	return l;
}

/* The number it got, 0 = it was not admitted, or an error. */
static int64_t say(const char *instance, enum cdisk_event_kind kind, int32_t pid)
{
	_cleanup_event_log_ struct cdisk_event_log log = CDISK_EVENT_LOG_INIT;
	struct cdisk_event_line l = line_of(instance, kind, pid);
	int r = cdisk_event_log_open(dir, 10000, &log);

	if (r == 0)
		r = cdisk_event_log_append(&log, &l);
	return r < 0 ? r : (int64_t)l.event.seq;
}

/* Everything that a reader gets from the beginning; kinds in order. */
static size_t read_all(struct cdisk_event_reader *reader, uint64_t *seqs, enum cdisk_event_kind *kinds)
{
	static struct cdisk_event_line l;
	size_t n = 0;

	while (n < SEEN_MAX && cdisk_event_reader_next(reader, &l) > 0) {
		if (l.event.seq == 0)
			continue;
		if (seqs)
			seqs[n] = l.event.seq;
		if (kinds)
			kinds[n] = l.event.kind;
		n++;
	}
	return n;
}

static size_t read_fresh(uint64_t *seqs, enum cdisk_event_kind *kinds)
{
	struct cdisk_event_reader reader;
	size_t n;

	assert_int_equal(cdisk_event_reader_init(&reader, dir), 0);
	n = read_all(&reader, seqs, kinds);
	cdisk_event_reader_done(&reader);
	return n;
}

static void append_raw(const char *name, const char *text, size_t size)
{
	char path[256];
	int fd;

	path_of(name, path, sizeof(path));
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), size);
	close(fd);
}

static void test_a_line_is_read_as_it_was_written(void **state)
{
	struct cdisk_event_line l = line_of("one", CDISK_EVENT_MOUNTED, 77), back;
	struct cdisk_attachment *a = &l.event.volume;
	char text[CDISK_EVENT_LINE_MAX];
	int n;

	(void)state;
	l.event.seq = 12;
	l.event.generation = UINT64_MAX;
	(void)snprintf(l.event.time, sizeof(l.event.time), "2026-12-01T10:46:12.076Z");
	(void)snprintf(a->mountpoint, sizeof(a->mountpoint), "/m/a \"b\"\\\n\x01\xff\xc3\xa4");
	(void)snprintf(a->label, sizeof(a->label), "%s", "},{\"seq\":99");
	(void)snprintf(a->backend, sizeof(a->backend), "loop");
	a->size = 4096;
	a->read_only = 1;
	n = cdisk_event_line_format(&l, true, text, sizeof(text));
	assert_true(n > 0 && text[n - 1] == '\n' && !memchr(text, '\n', (size_t)n - 1));
	text[n - 1] = '\0';
	assert_int_equal(cdisk_event_line_parse(text, &back), 0);
	assert_int_equal(back.event.seq, 12);
	assert_true(back.event.generation == UINT64_MAX);
	assert_string_equal(back.event.time, l.event.time);
	assert_string_equal(back.event.reason, "user");
	assert_string_equal(back.event.volume.mountpoint, a->mountpoint);
	assert_string_equal(back.event.volume.label, a->label);
	assert_string_equal(back.event.volume.backend, "loop");
	assert_int_equal(back.event.volume.state, CDISK_STATE_MOUNTED);
	assert_int_equal(back.event.volume.size, 4096);
	assert_int_equal(back.event.volume.read_only, 1);
	assert_int_equal(back.event.volume.pid, 77);
	assert_int_equal(back.event.volume.pid_start, 770);
	assert_int_equal(back.by, getpid());
	/* The one for everybody has neither paths nor labels. */
	n = cdisk_event_line_format(&l, false, text, sizeof(text));
	assert_true(n > 0);
	assert_null(strchr(text, '/'));
	assert_null(strstr(text, "label"));
	assert_null(strstr(text, "},{"));
}

static void test_paths_that_do_not_fit_are_left_out_and_the_line_stays_whole(void **state)
{
	struct cdisk_event_line l = line_of("one", CDISK_EVENT_MOUNTED, 77), back;
	char text[CDISK_EVENT_LINE_MAX];
	int n;

	(void)state;
	memset(l.event.volume.mountpoint, 1, sizeof(l.event.volume.mountpoint) - 1);
	(void)snprintf(l.event.volume.file, sizeof(l.event.volume.file), "/box.img");
	n = cdisk_event_line_format(&l, true, text, sizeof(text));
	assert_true(n > 0);
	text[n - 1] = '\0';
	assert_int_equal(cdisk_event_line_parse(text, &back), 0);
	assert_string_equal(back.event.volume.mountpoint, "");
	assert_string_equal(back.event.volume.file, "/box.img");
	assert_int_equal(cdisk_event_line_format(&l, true, text, 64), -ENOBUFS);
}

static void test_lines_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "{", "{}", "[]", "null", "{\"event\":\"nonsense\"}", "{\"event\":12}",
		"{\"event\":\"mounted\"} x",
		"{\"event\":\"mounted\",\"seq\":-1}",
		"{\"event\":\"mounted\",\"seq\":18446744073709551615}",
		"{\"event\":\"mounted\",\"seq\":9007199254740993}",
		"{\"event\":\"mounted\",\"time\":\"now\\u001b[31m\"}",
		"{\"event\":\"mounted\",\"reason\":\"a longer one than fits here\"}",
		"{\"event\":\"mounted\",\"volume\":{\"instance\":\"../x\"}}",
		"{\"event\":\"mounted\",\"volume\":{\"pid\":2147483648}}",
		"{\"event\":\"mounted\",\"volume\":{\"uid\":4294967296}}",
		"{\"event\":\"mounted\",\"volume\":{\"volume\":{}}}",
		"{\"event\":\"mounted\",\"other\":{}}",
	};
	struct cdisk_event_line l;

	(void)state;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(bad); i++)
		if (cdisk_event_line_parse(bad[i], &l) != -EINVAL)
			fail_msg("accepted %s", bad[i]);
	assert_int_equal(cdisk_event_line_parse("{\"event\":\"mounted\",\"new\":true}", &l), 0);
}

static void test_each_arrival_and_departure_is_said_once(void **state)
{
	enum cdisk_event_kind kinds[16];

	(void)state;
	assert_int_equal(say("one", CDISK_EVENT_ARRIVED, 5), 1);
	assert_int_equal(say("one", CDISK_EVENT_ARRIVED, 5), 0);
	assert_int_equal(say("one", CDISK_EVENT_DEPARTED, 5), 2);
	assert_int_equal(say("one", CDISK_EVENT_DEPARTED, 5), 0);
	assert_int_equal(say("one", CDISK_EVENT_UNMOUNTED, 5), 0);
	/* The next one of this name; what is said of the former is too late. */
	assert_int_equal(say("one", CDISK_EVENT_ARRIVED, 6), 3);
	assert_int_equal(say("one", CDISK_EVENT_DEPARTED, 5), 0);
	/* And one that comes while the last was never told to go. */
	assert_int_equal(say("one", CDISK_EVENT_ARRIVED, 7), 5);
	assert_int_equal(say("one", CDISK_EVENT_MOUNTED, 6), 0);
	assert_int_equal(read_fresh(NULL, kinds), 5);
	assert_int_equal(kinds[3], CDISK_EVENT_DEPARTED);
	/* Of those without a server each arrival is another one. */
	assert_int_equal(say("dm", CDISK_EVENT_ARRIVED, 0), 6);
	assert_int_equal(say("dm", CDISK_EVENT_ARRIVED, 0), 8);
	assert_int_equal(say("dm", CDISK_EVENT_DEPARTED, 0), 9);
	assert_int_equal(say("dm", CDISK_EVENT_DEPARTED, 0), 0);
	/* Of what the log knows nothing, it takes anything. */
	assert_int_equal(say("two", CDISK_EVENT_DEPARTED, 9), 10);
	assert_int_equal(say("two", CDISK_EVENT_DEPARTED, 9), 0);
}

static void test_rotation_keeps_every_new_line_and_the_numbers(void **state)
{
	static uint64_t seqs[SEEN_MAX];
	struct cdisk_event_reader follower;
	size_t followed = 0, n;
	struct stat st;
	char path[256];
	int64_t last;

	(void)state;
	assert_int_equal(cdisk_event_reader_init(&follower, dir), 0);
	assert_int_equal(say("old", CDISK_EVENT_ARRIVED, 3), 1);
	for (int i = 0; i < 1600; i++) {
		last = say("one", i % 2 ? CDISK_EVENT_UNMOUNTED : CDISK_EVENT_MOUNTED, 5);
		assert_int_equal(last, i + 2);
		/* The newest line is there whatever was rotated. */
		if (i % 50 == 0) {
			n = read_fresh(seqs, NULL);
			assert_int_equal(seqs[n - 1], last);
			for (size_t k = 1; k < n; k++)
				assert_int_equal(seqs[k], seqs[k - 1] + 1);
			n = read_all(&follower, seqs, NULL);
			followed += n;
			assert_int_equal(seqs[n - 1], last);
		}
	}
	followed += read_all(&follower, NULL, NULL);
	assert_int_equal(followed, 1601);
	cdisk_event_reader_done(&follower);
	path_of(CDISK_EVENT_LOG_OLD, path, sizeof(path));
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 300000);
	path_of(CDISK_EVENT_LOG, path, sizeof(path));
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 300000);
	assert_int_equal(st.st_mode & 0777, geteuid() == 0 ? 0644 : 0600);
	/* What arrived three logs ago is still known, and departs once. */
	assert_int_equal(say("old", CDISK_EVENT_ARRIVED, 3), 0);
	assert_int_equal(say("old", CDISK_EVENT_DEPARTED, 3), 1602);
	assert_int_equal(say("old", CDISK_EVENT_DEPARTED, 3), 0);
}

static void test_numbers_go_on_when_the_log_is_lost(void **state)
{
	char path[256];

	(void)state;
	assert_int_equal(say("one", CDISK_EVENT_ARRIVED, 5), 1);
	assert_int_equal(say("one", CDISK_EVENT_MOUNTED, 5), 2);
	path_of(CDISK_EVENT_LOG, path, sizeof(path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(say("one", CDISK_EVENT_UNMOUNTED, 5), 3);
	/* Killed between the two names of a rotation. */
	path_of(CDISK_EVENT_LOG_OLD, path, sizeof(path));
	{
		char from[256];

		path_of(CDISK_EVENT_LOG, from, sizeof(from));
		assert_int_equal(rename(from, path), 0);
		path_of(".events.lock", from, sizeof(from));
		assert_int_equal(truncate(from, 0), 0);
	}
	assert_int_equal(say("one", CDISK_EVENT_LOCKED, 5), 4);
}

static void test_torn_and_hostile_lines_are_passed_over(void **state)
{
	static char junk[100000];
	uint64_t seqs[64];
	size_t n;

	(void)state;
	memset(junk, 'x', sizeof(junk));
	assert_int_equal(say("one", CDISK_EVENT_ARRIVED, 5), 1);
	append_raw(CDISK_EVENT_LOG, "{\"seq\":2,\"event\":\"moun", 22);
	assert_int_equal(say("one", CDISK_EVENT_MOUNTED, 5), 2);
	/* Torn at its very end, it counts. */
	append_raw(CDISK_EVENT_LOG, "{\"seq\":3,\"event\":\"resized\"}", 28);
	assert_int_equal(say("one", CDISK_EVENT_UNMOUNTED, 5), 4);
	append_raw(CDISK_EVENT_LOG, junk, sizeof(junk));
	append_raw(CDISK_EVENT_LOG, "\n\n\0\0\n\xff\n{}\n", 12);
	assert_int_equal(say("one", CDISK_EVENT_MOUNTED, 5), 5);
	n = read_fresh(seqs, NULL);
	assert_int_equal(n, 5);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(seqs[i], i + 1);
}

static void test_a_line_in_the_making_is_read_when_it_is_whole(void **state)
{
	struct cdisk_event_reader reader;
	uint64_t seqs[8];

	(void)state;
	assert_int_equal(say("one", CDISK_EVENT_ARRIVED, 5), 1);
	assert_int_equal(cdisk_event_reader_init(&reader, dir), 0);
	assert_int_equal(read_all(&reader, seqs, NULL), 1);
	append_raw(CDISK_EVENT_LOG, "{\"seq\":2,\"ev", 12);
	assert_int_equal(read_all(&reader, seqs, NULL), 0);
	append_raw(CDISK_EVENT_LOG, "ent\":\"resized\"}\n", 16);
	assert_int_equal(read_all(&reader, seqs, NULL), 1);
	assert_int_equal(seqs[0], 2);
	cdisk_event_reader_done(&reader);
}

static void test_what_is_no_log_of_ours_is_not_written_to(void **state)
{
	char path[256], other[256], text[8] = "";
	int fd;

	(void)state;
	path_of(CDISK_EVENT_LOG, path, sizeof(path));
	path_of("other", other, sizeof(other));
	append_raw("other", "precious", 8);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(say("one", CDISK_EVENT_ARRIVED, 5), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(link(other, path), 0);
	assert_int_equal(say("one", CDISK_EVENT_ARRIVED, 5), -EACCES);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(say("one", CDISK_EVENT_ARRIVED, 5) < 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(say("one", CDISK_EVENT_ARRIVED, 5), -EACCES);
	assert_int_equal(chmod(dir, 0700), 0);
	fd = open(other, O_RDONLY);
	assert_int_equal(read(fd, text, sizeof(text)), 8);
	assert_memory_equal(text, "precious", 8);
	close(fd);
}

/* A file that cannot grow is what a full disk is to a writer. */
static void test_a_full_disk_loses_the_line_and_no_other(void **state)
{
	struct rlimit before, small;
	struct stat st;
	char path[256];
	int64_t r;

	(void)state;
	assert_int_equal(say("one", CDISK_EVENT_ARRIVED, 5), 1);
	path_of(CDISK_EVENT_LOG, path, sizeof(path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = (rlim_t)st.st_size + 40;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = say("one", CDISK_EVENT_MOUNTED, 5);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(r < 0);
	assert_int_equal(say("one", CDISK_EVENT_UNMOUNTED, 5), 2);
	assert_int_equal(read_fresh(NULL, NULL), 2);
}

static void write_many(int writer)
{
	char instance[32];

	(void)snprintf(instance, sizeof(instance), "writer-%d", writer);
	for (int i = 0; i < 60; i++)
		if (say(instance, i % 2 ? CDISK_EVENT_DEPARTED : CDISK_EVENT_ARRIVED,
			    100 + writer) <= 0)
			_exit(1);
	_exit(0);
}

static void test_eight_writers_get_a_number_each(void **state)
{
	static uint64_t seqs[SEEN_MAX];
	struct cdisk_event_reader reader;
	size_t n = 0;
	int running = 8, status;

	(void)state;
	assert_int_equal(cdisk_event_reader_init(&reader, dir), 0);
	for (int i = 0; i < 8; i++)
		if (fork() == 0)
			write_many(i);
	while (running > 0) {
		if (waitpid(-1, &status, WNOHANG) > 0) {
			assert_int_equal(status, 0);
			running--;
		}
		n += read_all(&reader, seqs + n, NULL);
	}
	n += read_all(&reader, seqs + n, NULL);
	assert_int_equal(n, 480);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(seqs[i], i + 1);
	cdisk_event_reader_done(&reader);
}

static void test_writers_that_are_killed_leave_a_log_that_goes_on(void **state)
{
	static uint64_t seqs[SEEN_MAX];
	int64_t last;
	size_t n;

	(void)state;
	for (int round = 0; round < 30; round++) {
		struct timespec moment = {.tv_nsec = 1000000L * (round % 7) + 200000};
		pid_t pid = fork();

		if (pid == 0)
			for (;;)
				(void)say("one", CDISK_EVENT_MOUNTED, 5);
		(void)nanosleep(&moment, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		last = say("one", CDISK_EVENT_UNMOUNTED, 5);
		assert_true(last > 0);
		n = read_fresh(seqs, NULL);
		assert_int_equal(seqs[n - 1], last);
		for (size_t k = 1; k < n; k++)
			assert_true(seqs[k] == seqs[k - 1] + 1);
	}
}

static void test_a_process_that_holds_the_lock_is_not_waited_for_without_end(void **state)
{
	_cleanup_event_log_ struct cdisk_event_log log = CDISK_EVENT_LOG_INIT;
	struct cdisk_event_log second;

	(void)state;
	assert_int_equal(cdisk_event_log_open(dir, 0, &log), 0);
	assert_int_equal(cdisk_event_log_open(dir, 50, &second), -ETIMEDOUT);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, dir_make, dir_remove)
	const struct CMUnitTest tests[] = {
		TEST(test_a_line_is_read_as_it_was_written),
		TEST(test_paths_that_do_not_fit_are_left_out_and_the_line_stays_whole),
		TEST(test_lines_that_are_none_are_refused),
		TEST(test_each_arrival_and_departure_is_said_once),
		TEST(test_rotation_keeps_every_new_line_and_the_numbers),
		TEST(test_numbers_go_on_when_the_log_is_lost),
		TEST(test_torn_and_hostile_lines_are_passed_over),
		TEST(test_a_line_in_the_making_is_read_when_it_is_whole),
		TEST(test_what_is_no_log_of_ours_is_not_written_to),
		TEST(test_a_full_disk_loses_the_line_and_no_other),
		TEST(test_eight_writers_get_a_number_each),
		TEST(test_writers_that_are_killed_leave_a_log_that_goes_on),
		TEST(test_a_process_that_holds_the_lock_is_not_waited_for_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
