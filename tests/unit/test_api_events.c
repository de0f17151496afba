// SPDX-License-Identifier: GPL-2.0-or-later
/* Listening through the public header alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cryptdisk/cryptdisk.h>

#define ID "01234567-89ab-4cde-8f01-23456789abcd"

static char dir[64];
static struct cdisk *c;
static char warned[512];

static void on_log(enum cdisk_log_level level, const char *line, void *data)
{
	(void)data;
	if (level == CDISK_LOG_WARNING)
		(void)snprintf(warned, sizeof(warned), "%s", line);
}

static int setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/cryptdisk-api.XXXXXX");
	warned[0] = '\0';
	if (!mkdtemp(dir) || cdisk_new(&c) < 0)
		return -1;
	cdisk_set_log(c, on_log, NULL);
	return cdisk_set_run_dir(c, dir);
}

static int teardown(void **state)
{
	static const char *const names[] = {"events", "events.1", ".events.lock"};
	char path[128];

	(void)state;
	cdisk_free(c);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	return rmdir(dir);
}

/* Field 22 of /proc/PID/stat. */
static uint64_t start_of(pid_t pid)
{
	char path[64], text[2048], *p;
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	text[n] = '\0';
	p = strrchr(text, ')') + 1;
	for (int i = 0; i < 19; i++)
		p = strchr(p + 1, ' ');
	return strtoull(p, NULL, 10);
}

/* One whose server is the process pid. */
static struct cdisk_attachment attachment(pid_t pid)
{
	struct cdisk_attachment a;

	memset(&a, 0, sizeof(a));
	(void)snprintf(a.id, sizeof(a.id), ID);
	(void)snprintf(a.instance, sizeof(a.instance), ID);
	(void)snprintf(a.backend, sizeof(a.backend), "fuse");
	(void)snprintf(a.directory, sizeof(a.directory), "%s/" ID, dir);
	a.state = CDISK_STATE_UNLOCKED;
	a.uid = geteuid();
	a.pid = pid;
	a.pid_start = start_of(pid);
	return a;
}

static void expect(struct cdisk_events *e, enum cdisk_event_kind kind, uint64_t seq, const char *reason)
{
	static struct cdisk_event event;

	assert_int_equal(cdisk_events_next(e, &event), 1);
	assert_string_equal(cdisk_event_name(event.kind), cdisk_event_name(kind));
	assert_int_equal(event.seq, seq);
	assert_string_equal(event.reason, reason);
	assert_string_equal(event.volume.id, ID);
}

static int is_readable(struct cdisk_events *e, int ms)
{
	struct pollfd p = {.fd = cdisk_events_fd(e), .events = POLLIN};

	return poll(&p, 1, ms);
}

static void expect_nothing(struct cdisk_events *e)
{
	static struct cdisk_event event;

	/* What was just read may still wake us up once, but not for ever. */
	for (int i = 0; i < 20; i++) {
		assert_int_equal(cdisk_events_next(e, &event), 0);
		if (is_readable(e, 0) == 0)
			return;
	}
	fail_msg("it is readable for ever");
}

static void test_a_listener_is_woken_up_and_gets_every_line_once(void **state)
{
	struct cdisk_attachment a = attachment(getpid());
	struct cdisk_events *now = NULL, *all = NULL;

	(void)state;
	assert_int_equal(cdisk_event_write(c, &a, CDISK_EVENT_ARRIVED, NULL), 0);
	assert_int_equal(cdisk_events_open(c, NULL, CDISK_EVENTS_NOW, &now), 0);
	assert_int_equal(cdisk_events_open(c, dir, 0, &all), 0);
	expect(all, CDISK_EVENT_ARRIVED, 1, "user");
	expect_nothing(all);
	expect_nothing(now);
	assert_int_equal(cdisk_event_write(c, &a, CDISK_EVENT_IDLE_WARNING, "idle"), 0);
	assert_int_equal(cdisk_event_write(c, &a, CDISK_EVENT_ARRIVED, NULL), 0);
	assert_int_equal(is_readable(now, 10000), 1);
	expect(now, CDISK_EVENT_IDLE_WARNING, 2, "idle");
	expect(all, CDISK_EVENT_IDLE_WARNING, 2, "idle");
	expect_nothing(now);
	assert_string_equal(cdisk_partial(c), "");
	assert_string_equal(warned, "");
	cdisk_events_close(now);
	cdisk_events_close(all);
	cdisk_events_close(NULL);
}

static void test_the_end_of_a_server_is_told_by_who_sees_it_first(void **state)
{
	struct cdisk_events *one = NULL, *two = NULL;
	struct cdisk_attachment a;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			(void)pause();
	}
	a = attachment(pid);
	assert_int_equal(cdisk_event_write(c, &a, CDISK_EVENT_ARRIVED, NULL), 0);
	assert_int_equal(cdisk_events_open(c, NULL, CDISK_EVENTS_NOW, &one), 0);
	assert_int_equal(cdisk_events_open(c, NULL, CDISK_EVENTS_NOW, &two), 0);
	expect_nothing(one);
	expect_nothing(two);
	/* A zombie has ended as well. */
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(is_readable(one, 10000), 1);
	expect(one, CDISK_EVENT_DEPARTED, 2, "lost");
	expect_nothing(one);
	expect(two, CDISK_EVENT_DEPARTED, 2, "lost");
	expect_nothing(two);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	cdisk_events_close(one);
	cdisk_events_close(two);
}

static void test_a_directory_that_appears_later_is_listened_to(void **state)
{
	struct cdisk_attachment a = attachment(getpid());
	struct cdisk_events *e = NULL;
	char sub[96], file[128];

	(void)state;
	(void)snprintf(sub, sizeof(sub), "%s/a", dir);
	assert_int_equal(cdisk_events_open(c, sub, CDISK_EVENTS_NOW, &e), 0);
	expect_nothing(e);
	assert_int_equal(cdisk_set_run_dir(c, sub), 0);
	a.directory[0] = '\0';
	assert_int_equal(cdisk_event_write(c, &a, CDISK_EVENT_ARRIVED, NULL), 0);
	assert_int_equal(is_readable(e, 10000), 1);
	expect(e, CDISK_EVENT_ARRIVED, 1, "user");
	/* And one that is wiped and made anew. */
	(void)snprintf(file, sizeof(file), "%s/events", sub);
	assert_int_equal(unlink(file), 0);
	(void)snprintf(file, sizeof(file), "%s/.events.lock", sub);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(sub), 0);
	expect_nothing(e);
	assert_int_equal(cdisk_event_write(c, &a, CDISK_EVENT_MOUNTED, NULL), 0);
	assert_int_equal(is_readable(e, 10000), 1);
	expect(e, CDISK_EVENT_MOUNTED, 1, "user");
	cdisk_events_close(e);
	assert_int_equal(unlink(file), 0);
	(void)snprintf(file, sizeof(file), "%s/events", sub);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(sub), 0);
}

static void test_bad_arguments_are_refused(void **state)
{
	struct cdisk_attachment a = attachment(getpid());
	struct cdisk_events *e = NULL;

	(void)state;
	assert_int_equal(cdisk_event_write(c, NULL, CDISK_EVENT_ARRIVED, NULL), -EINVAL);
	assert_int_equal(cdisk_event_write(c, &a, (enum cdisk_event_kind)99, NULL), -EINVAL);
	assert_int_equal(cdisk_event_write(c, &a, (enum cdisk_event_kind)0, NULL), -EINVAL);
	assert_int_equal(cdisk_event_write(c, &a, CDISK_EVENT_ERROR, "a reason that is too long"), -EINVAL);
	assert_int_equal(cdisk_events_open(c, "relative", 0, &e), -EINVAL);
	assert_int_equal(cdisk_events_open(c, dir, UINT64_MAX - 1, &e), -EINVAL);
	assert_null(e);
	assert_string_equal(cdisk_event_name((enum cdisk_event_kind)99), "unknown");
}

static void test_what_cannot_be_written_is_no_failure_but_said(void **state)
{
	struct cdisk_attachment a = attachment(getpid());
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/events", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(cdisk_event_write(c, &a, CDISK_EVENT_ARRIVED, NULL), 0);
	assert_non_null(strstr(cdisk_partial(c), "listeners were not told"));
	assert_int_equal(rmdir(path), 0);
	/* Other people's attachments have logs of their own. */
	a.state = CDISK_STATE_FOREIGN;
	assert_int_equal(cdisk_event_write(c, &a, CDISK_EVENT_ARRIVED, NULL), 0);
	assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_listener_is_woken_up_and_gets_every_line_once),
		TEST(test_the_end_of_a_server_is_told_by_who_sees_it_first),
		TEST(test_a_directory_that_appears_later_is_listened_to),
		TEST(test_bad_arguments_are_refused),
		TEST(test_what_cannot_be_written_is_no_failure_but_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
