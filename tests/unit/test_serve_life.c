// SPDX-License-Identifier: GPL-2.0-or-later
/* How a server starts, what it is not able to do, and when it ends. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "serve_harness.h"
#include "volume_fixture.h"

#define MIB (1024u * 1024)

static void start(struct served *v, uint32_t flags)
{
	struct cdisk_description d;
	int backing = fixture_file(8 * MIB), r;

	fixture_init(&d);
	assert_int_equal(fixture_crypt(&d, 8 * MIB, 0, "aes", "xts-plain64", 64, 4096), 0);
	r = serve_launch(v, &d, backing, flags);
	if (r < 0)
		print_message("server: %s\n", v->ready.message);
	assert_int_equal(r, 0);
	cdisk_description_done(&d);
	close(backing);
}

/* A number of /proc/PID[/task/TID]/status; -1 = not there. */
static long status_number(const char *dir, const char *key)
{
	char path[128], line[256];
	long n = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/status", dir);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, key, strlen(key)) == 0)
			n = strtol(line + strlen(key), NULL, 10);
	(void)fclose(f);
	return n;
}

static void umount_ends_the_server(void **state)
{
	struct served v;

	(void)state;
	start(&v, 0);
	serve_keep(&v);
	assert_int_equal(serve_wait_exit(&v, 200), -ETIMEDOUT);
	assert_int_equal(serve_stop(&v), 0);
}

/* What `umount --force` does to a server that hangs: its users get errors, and it ends. */
static void an_aborted_connection_ends_the_server(void **state)
{
	char control[] = "/tmp/cryptdisk-served-ctl-XXXXXX", path[96], buf[512] = {1};
	struct served v;
	struct stat st;
	int fd, abort_fd;

	(void)state;
	start(&v, 0);
	serve_keep(&v);
	assert_int_equal(stat(v.dir, &st), 0);
	assert_non_null(mkdtemp(control));
	assert_int_equal(mount("fusectl", control, "fusectl", MS_NOSUID | MS_NODEV, NULL), 0);
	(void)snprintf(path, sizeof(path), "%s/%u/abort", control, minor(st.st_dev));
	abort_fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(abort_fd >= 0);
	fd = open(v.disk, O_RDWR | O_CLOEXEC);
	assert_int_equal(write(abort_fd, "1", 1), 1);
	close(abort_fd);
	assert_int_equal(umount2(control, 0), 0);
	(void)rmdir(control);
	assert_int_equal(serve_wait_exit(&v, 5000), 0);
	assert_int_equal(pwrite(fd, buf, sizeof(buf), 0), -1);
	close(fd);
	assert_int_equal(umount2(v.dir, 0), 0);
	(void)rmdir(v.dir);
}

static void a_signal_does_not_end_a_server_whose_disk_is_open(void **state)
{
	struct served v;
	char buf[4096] = {1};
	int fd;

	(void)state;
	start(&v, 0);
	serve_keep(&v);
	fd = open(v.disk, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(kill(v.pid, SIGTERM), 0);
	assert_int_equal(kill(v.pid, SIGINT), 0);
	assert_int_equal(kill(v.pid, SIGHUP), 0);
	assert_int_equal(serve_wait_exit(&v, 300), -ETIMEDOUT);
	assert_int_equal(pwrite(fd, buf, sizeof(buf), 0), sizeof(buf));
	assert_int_equal(fsync(fd), 0);
	close(fd);
	assert_int_equal(serve_stop(&v), 0);
}

static void a_signal_ends_a_server_that_nobody_uses(void **state)
{
	struct served v;

	(void)state;
	start(&v, 0);
	serve_keep(&v);
	assert_int_equal(kill(v.pid, SIGTERM), 0);
	assert_int_equal(serve_wait_exit(&v, 5000), 0);
	assert_int_equal(umount2(v.dir, 0), 0);
	(void)rmdir(v.dir);
}

static void a_temporary_server_ends_with_its_program(void **state)
{
	struct served v;

	(void)state;
	start(&v, 0);
	close(v.sock);
	assert_int_equal(serve_wait_exit(&v, 5000), 0);
	assert_int_equal(umount2(v.dir, 0), 0);
	(void)rmdir(v.dir);
}

static void a_temporary_server_waits_for_the_last_close_of_its_disk(void **state)
{
	struct served v;
	char buf[512] = {1};
	int fd;

	(void)state;
	start(&v, 0);
	fd = open(v.disk, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	close(v.sock);
	assert_int_equal(serve_wait_exit(&v, 300), -ETIMEDOUT);
	assert_int_equal(pwrite(fd, buf, sizeof(buf), 0), sizeof(buf));
	close(fd);
	assert_int_equal(serve_wait_exit(&v, 5000), 0);
	assert_int_equal(umount2(v.dir, 0), 0);
	(void)rmdir(v.dir);
}

static void every_thread_is_in_the_sandbox(void **state)
{
	char dir[64], task[400];
	struct dirent *e;
	struct served v;
	unsigned int n = 0;
	DIR *tasks;

	(void)state;
	start(&v, 0);
	(void)snprintf(dir, sizeof(dir), "/proc/%d/task", (int)v.pid);
	tasks = opendir(dir);
	assert_non_null(tasks);
	while ((e = readdir(tasks)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(task, sizeof(task), "%s/%s", dir, e->d_name);
		assert_int_equal(status_number(task, "NoNewPrivs:"), 1);
		assert_int_equal(status_number(task, "Seccomp:"), 2);
		n++;
	}
	(void)closedir(tasks);
	assert_in_range(n, 3, 5);
	assert_int_equal(serve_stop(&v), 0);
}

/* Descriptors of a process that lead to something; "/dev/fuse" counts connections. */
static unsigned int fds_to(const char *process, const char *target)
{
	char dir[64], path[400], link[256];
	unsigned int n = 0;
	struct dirent *e;
	DIR *fds;

	(void)snprintf(dir, sizeof(dir), "/proc/%.20s/fd", process);
	fds = opendir(dir);
	while (fds && (e = readdir(fds)) != NULL) {
		ssize_t length;

		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		length = readlink(path, link, sizeof(link) - 1);
		if (length > 0) {
			link[length] = '\0';
			n += strcmp(link, target) == 0;
		}
	}
	if (fds)
		(void)closedir(fds);
	return n;
}

/* Other servers of this machine have connections of their own: only this test's family counts. */
static void one_descriptor_holds_the_connection(void **state)
{
	char process[24];
	struct served v;

	(void)state;
	start(&v, 0);
	(void)snprintf(process, sizeof(process), "%d", (int)v.pid);
	assert_int_equal(fds_to(process, "/dev/fuse"), 1);
	assert_int_equal(fds_to("self", "/dev/fuse"), 0);
	assert_int_equal(serve_stop(&v), 0);
}

/* All buffers in use, as under a loop device with everything locked. */
static void memory_stays_under_20_mib(void **state)
{
	char dir[32], *buf = malloc(8 * MIB);
	struct served v;
	int fd;

	(void)state;
	start(&v, CDISK_SERVE_UNDER_LOOP);
	fd = open(v.disk, O_RDWR | O_CLOEXEC);
	memset(buf, 1, 8 * MIB);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pwrite(fd, buf, 8 * MIB, 0), 8 * MIB);
		assert_int_equal(pread(fd, buf, 8 * MIB, 0), 8 * MIB);
	}
	close(fd);
	(void)snprintf(dir, sizeof(dir), "/proc/%d", (int)v.pid);
	print_message("VmHWM %ld KiB, VmLck %ld KiB\n", status_number(dir, "VmHWM:"),
		status_number(dir, "VmLck:"));
	assert_in_range(status_number(dir, "VmHWM:"), 1, 20 * 1024);
	assert_int_equal(serve_stop(&v), 0);
	free(buf);
}

static void core_dumps_and_tracing_are_off(void **state)
{
	char path[64], line[256];
	struct served v;
	bool seen = false;
	FILE *f;

	(void)state;
	start(&v, 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/limits", (int)v.pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "Max core file size", 18) != 0)
			continue;
		seen = true;
		assert_int_equal(strtol(line + 18, NULL, 10), 0);
	}
	(void)fclose(f);
	assert_true(seen);
	assert_int_equal(serve_stop(&v), 0);
}

/* Sends one message and perhaps descriptors; the server has to say no and end by itself. */
static void refused(const void *message, size_t size, const int *fds, size_t n_fds,
	const char *reason)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(16 * sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)message, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct served v = {0};

	if (n_fds > 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fds, n_fds * sizeof(int));
	}
	assert_int_equal(serve_spawn(&v), 0);
	assert_int_equal(sendmsg(v.sock, &msg, MSG_NOSIGNAL), (ssize_t)size);
	assert_true(serve_wait_ready(&v) < 0);
	assert_non_null(strstr(v.ready.message, reason));
	assert_int_equal(serve_wait_exit(&v, 5000), 1);
	close(v.sock);
}

static struct cdisk_serve_start good_start(void)
{
	struct cdisk_serve_start s = {.magic = CDISK_SERVE_MAGIC, .abi = CDISK_ABI_VERSION,
		.size = sizeof(s), .backing = "file"};

	fixture_init(&s.description);
	(void)fixture_segment(&s.description, CDISK_SEGMENT_LINEAR, MIB, 0);
	return s;
}

static void wrong_start_messages_are_refused(void **state)
{
	struct cdisk_serve_start s = good_start();
	int file = fixture_file(MIB), null = open("/dev/null", O_RDWR | O_CLOEXEC), fds[4];
	char path[32];

	(void)state;
	fds[0] = null;
	fds[1] = fds[2] = fds[3] = file;
	refused("hello", 5, NULL, 0, "no start message");
	refused(&s, sizeof(s) - 1, fds, 2, "no start message");
	refused(&s, sizeof(s), NULL, 0, "no start message");
	refused(&s, sizeof(s), fds, 1, "no start message");
	refused(&s, sizeof(s), fds, 4, "no start message");
	s.abi++;
	refused(&s, sizeof(s), fds, 2, "no start message");
	s = good_start();
	memset(s.path, 'x', sizeof(s.path));
	refused(&s, sizeof(s), fds, 2, "no start message");
	s = good_start();
	s.flags = UINT32_C(1) << 20;
	refused(&s, sizeof(s), fds, 2, "no start message");
	s = good_start();
	(void)strcpy(s.backing, "cloud");
	refused(&s, sizeof(s), fds, 2, "unknown kind");
	s = good_start();
	s.description.size += 512;
	refused(&s, sizeof(s), fds, 2, "description is wrong");
	s = good_start();
	fds[1] = null;
	refused(&s, sizeof(s), fds, 2, "backing cannot be used");
	fds[0] = fds[1] = file;
	refused(&s, sizeof(s), fds, 2, "not a FUSE connection");
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	fds[1] = open(path, O_RDONLY | O_CLOEXEC);
	refused(&s, sizeof(s), fds, 2, "for reading only");
	close(fds[1]);
	close(file);
	close(null);
}

static void a_program_that_dies_before_the_start_leaves_no_server(void **state)
{
	struct served v = {0};

	(void)state;
	assert_int_equal(serve_spawn(&v), 0);
	close(v.sock);
	assert_int_equal(serve_wait_exit(&v, 5000), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(umount_ends_the_server),
		cmocka_unit_test(an_aborted_connection_ends_the_server),
		cmocka_unit_test(a_signal_does_not_end_a_server_whose_disk_is_open),
		cmocka_unit_test(a_signal_ends_a_server_that_nobody_uses),
		cmocka_unit_test(a_temporary_server_ends_with_its_program),
		cmocka_unit_test(a_temporary_server_waits_for_the_last_close_of_its_disk),
		cmocka_unit_test(every_thread_is_in_the_sandbox),
		cmocka_unit_test(one_descriptor_holds_the_connection),
		cmocka_unit_test(memory_stays_under_20_mib),
		cmocka_unit_test(core_dumps_and_tracing_are_off),
		cmocka_unit_test(wrong_start_messages_are_refused),
		cmocka_unit_test(a_program_that_dies_before_the_start_leaves_no_server),
	};

	if (serve_missing()) {
		print_message("skipped: %s\n", serve_missing());
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
