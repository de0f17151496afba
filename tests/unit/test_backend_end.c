// SPDX-License-Identifier: GPL-2.0-or-later
/* How attachments end: busy, lazy, by force, after their server was killed or stopped. */
#include <sys/file.h>
#include "disk_fixture.h"

static void test_a_busy_mount_names_who_uses_it_and_stays(void **state)
{
	struct fixture *f = *state;
	struct cdisk_process *list = NULL;
	char number[32];
	pid_t pid;

	attach_and_mount(f);
	pid = sit_in(f->a.mountpoint);
	(void)snprintf(number, sizeof(number), "%d (", pid);
	assert_int_equal(leave(f, 0, 100), -CDISK_ERR_IN_USE);
	assert_non_null(strstr(f->c->message, number));
	assert_int_equal(cdisk_busy_list(f->c, &f->a, &list), 1);
	assert_int_equal(list[0].pid, pid);
	assert_string_equal(list[0].file, f->a.mountpoint);
	free(list);
	assert_int_equal(run_shell(f, "echo still >\"$2/there\""), 0);
	end_child(pid);
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

static void test_an_open_disk_names_who_has_it(void **state)
{
	struct fixture *f = *state;
	char number[32];
	pid_t pid;
	int fd;

	attach(f);
	fd = open(f->a.disk, O_RDONLY | O_CLOEXEC);
	pid = sit_in("/");
	close(fd);
	(void)snprintf(number, sizeof(number), "%d (", pid);
	assert_int_equal(leave(f, 0, 100), -CDISK_ERR_IN_USE);
	assert_non_null(strstr(f->c->message, number));
	assert_int_equal(access(f->a.disk, F_OK), 0);
	end_child(pid);
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

static void test_lazy_says_partial_while_something_is_open(void **state)
{
	struct fixture *f = *state;
	pid_t pid;
	int pidfd;

	attach_and_mount(f);
	pid = sit_in(f->a.mountpoint);
	assert_int_equal(leave(f, CDISK_UMOUNT_LAZY, 0), -CDISK_ERR_PARTIAL);
	assert_false(mounted_below(f->dir));
	assert_int_equal(cdisk_process_pidfd(f->a.pid, f->a.pid_start, &pidfd), 0);
	end_child(pid);
	assert_int_equal(cdisk_process_wait(pidfd, 10000), 0);
	close(pidfd);
	assert_nothing_left(f);
}

static void test_lazy_of_a_free_mount_is_complete(void **state)
{
	struct fixture *f = *state;

	attach_and_mount(f);
	assert_ok(f, leave(f, CDISK_UMOUNT_LAZY, 0));
	assert_nothing_left(f);
}

static void test_after_a_killed_server_umount_cleans_up(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment *a;
	int pidfd, r;

	attach_and_mount(f);
	assert_int_equal(
		run_shell(f, "dd if=/dev/urandom of=\"$2/synced\" bs=1M count=4 conv=fsync "
			     "2>&1 && sync -f \"$2/synced\" && md5sum <\"$2/synced\" >\"$3/sum\""),
		0);
	/* What fuse2fs has not written back yet is lost: only the kernel's filesystem promises it.
	 */
	assert_int_equal(run_shell(f, "echo dirty >\"$2/dirty\""), 0);
	assert_int_equal(cdisk_process_pidfd(f->a.pid, f->a.pid_start, &pidfd), 0);
	assert_int_equal(kill(f->a.pid, SIGKILL), 0);
	assert_int_equal(cdisk_process_wait(pidfd, 2000), 0);
	close(pidfd);
	a = listed(f, CDISK_LIST_DETAILS);
	assert_non_null(a);
	assert_int_equal(a->state, CDISK_STATE_STALE);
	assert_true(a->reason[0] != '\0');
	free(a);
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
	attach(f);
	/* fuse2fs promises only what was synced a second before: tests/cli asks for that. */
	if (geteuid() == 0) {
		r = run_shell(f, "e2fsck -fy \"$1\" 2>&1; test $? -le 1");
		if (r != 0)
			print_error("%s\n", f->output);
		assert_int_equal(r, 0);
		assert_ok(f, cdisk_fs_mount(f->c, &f->a, &plain_mount));
		assert_int_equal(run_shell(f, "md5sum <\"$2/synced\" | cmp - \"$3/sum\""), 0);
	}
	assert_ok(f, leave(f, 0, 2000));
}

static void test_a_stale_directory_is_cleaned_by_the_next_attach(void **state)
{
	struct fixture *f = *state;
	int pidfd;

	attach_and_mount(f);
	assert_int_equal(cdisk_process_pidfd(f->a.pid, f->a.pid_start, &pidfd), 0);
	assert_int_equal(kill(f->a.pid, SIGKILL), 0);
	assert_int_equal(cdisk_process_wait(pidfd, 2000), 0);
	close(pidfd);
	attach(f);
	assert_string_equal(f->a.instance, TEST_ID);
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

/* As a create that was killed while it made the filesystem. */
static void test_a_dead_temporary_attachment_goes_with_the_next_attach(void **state)
{
	struct fixture *f = *state;
	char dead[CDISK_PATH_SIZE];
	int pidfd;

	attach(f);
	memcpy(dead, f->a.directory, sizeof(dead));
	assert_int_equal(cdisk_process_pidfd(f->a.pid, f->a.pid_start, &pidfd), 0);
	assert_int_equal(kill(f->a.pid, SIGKILL), 0);
	assert_int_equal(cdisk_process_wait(pidfd, 2000), 0);
	close(pidfd);
	assert_true(mounted_below(dead));
	f->d.id[0] = '1'; /* another volume */
	attach(f);
	assert_string_not_equal(f->a.directory, dead);
	assert_false(mounted_below(dead));
	assert_int_equal(access(dead, F_OK), -1);
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

static void test_a_dead_server_with_a_filesystem_over_it_stays_to_be_seen(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment dead, *a;
	int pidfd;

	attach_and_mount(f);
	dead = f->a;
	assert_int_equal(cdisk_process_pidfd(f->a.pid, f->a.pid_start, &pidfd), 0);
	assert_int_equal(kill(f->a.pid, SIGKILL), 0);
	assert_int_equal(cdisk_process_wait(pidfd, 2000), 0);
	close(pidfd);
	f->d.id[0] = '1';
	attach(f);
	assert_ok(f, leave(f, 0, 2000));
	f->a = dead;
	a = listed(f, 0);
	assert_non_null(a);
	assert_int_equal(a->state, CDISK_STATE_STALE);
	free(a);
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

/* hidepid= and process namespaces hide a process that lives: its connection still answers. */
static void test_a_server_that_cannot_be_seen_is_not_gone(void **state)
{
	struct fixture *f = *state;
	struct cdisk_source s = {0};

	attach(f);
	s.pid = f->a.pid;
	s.pid_start = f->a.pid_start + 1;
	assert_int_equal(cdisk_process_look(s.pid, s.pid_start), CDISK_PROCESS_GONE);
	assert_false(cdisk_server_gone(&s, f->a.directory));
	assert_ok(f, leave(f, 0, 2000));
}

static int stop_at_once(const char *what, uint64_t done, uint64_t total, void *data)
{
	(void)what;
	(void)done;
	(void)total;
	(void)data;
	return 1;
}

static void test_a_program_that_holds_the_run_directory_can_be_given_up_on(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attach_spec spec = spec_of(f);
	int dir = -1, lock = -1, other;
	char path[CDISK_PATH_SIZE];

	assert_ok(f, cdisk_run_dir_lock(f->c, &dir, &lock, path));
	f->c->progress = stop_at_once;
	assert_int_equal(cdisk_backend_fuse.attach(f->c, &spec, &f->a), -ECANCELED);
	f->c->progress = NULL;
	close(lock);
	/* Whoever may read the directory may lock it: that must not matter. */
	other = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(other, LOCK_EX), 0);
	attach(f);
	assert_ok(f, leave(f, 0, 2000));
	close(other);
	close(dir);
	assert_nothing_left(f);
}

static void test_a_stopped_server_is_listed_and_forced(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment *a;
	uint64_t start;

	attach_and_mount(f);
	assert_int_equal(run_shell(f, "echo dirty >\"$2/dirty\""), 0);
	assert_int_equal(kill(f->a.pid, SIGSTOP), 0);
	while (cdisk_process_look(f->a.pid, f->a.pid_start) != CDISK_PROCESS_STOPPED)
		cdisk_sleep_ms(1);
	start = cdisk_now_ms();
	a = listed(f, CDISK_LIST_DETAILS | CDISK_LIST_ALL);
	assert_non_null(a);
	assert_int_equal(a->state, CDISK_STATE_MOUNTED);
	assert_non_null(strstr(a->reason, "stopped"));
	free(a);
	assert_int_equal(leave(f, 0, 0), -ETIMEDOUT);
	assert_true(cdisk_now_ms() - start < 1000);
	start = cdisk_now_ms();
	assert_ok(f, leave(f, CDISK_UMOUNT_FORCE, 0));
	assert_true(cdisk_now_ms() - start < 5000);
	assert_nothing_left(f);
}

static void test_force_ends_a_live_one(void **state)
{
	struct fixture *f = *state;

	attach_and_mount(f);
	assert_ok(f, leave(f, CDISK_UMOUNT_FORCE, 0));
	assert_nothing_left(f);
}

static void test_force_kills_no_process_that_is_not_the_server(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment a = {.uid = geteuid(), .directory = "/nowhere"};
	pid_t pid = sit_in("/");

	a.pid = pid;
	assert_int_equal(cdisk_process_start_time(pid, &a.pid_start), 0);
	assert_int_equal(cdisk_server_kill(f->c, &a, 100), -EPERM);
	assert_int_equal(kill(pid, 0), 0);
	end_child(pid);
}

static void test_sigterm_to_the_server_of_a_mount_changes_nothing(void **state)
{
	struct fixture *f = *state;

	attach_and_mount(f);
	assert_int_equal(kill(f->a.pid, SIGTERM), 0);
	assert_int_equal(run_shell(f, "echo x >\"$2/x\" && sync -f \"$2/x\" && cat \"$2/x\""), 0);
	assert_int_equal(cdisk_process_look(f->a.pid, f->a.pid_start), CDISK_PROCESS_RUNS);
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

static void test_waiting_ends_when_the_last_user_goes(void **state)
{
	struct fixture *f = *state;
	pid_t pid, killer;

	attach_and_mount(f);
	pid = sit_in(f->a.mountpoint);
	killer = fork();
	if (killer == 0) {
		cdisk_sleep_ms(300);
		_exit(kill(pid, SIGKILL) < 0);
	}
	assert_ok(f, leave(f, 0, 20000));
	assert_nothing_left(f);
	assert_int_equal(waitpid(killer, NULL, 0), killer);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_a_program_that_runs_from_the_mount_is_named(void **state)
{
	struct fixture *f = *state;
	struct cdisk_process *list = NULL;
	char program[CDISK_PATH_SIZE + 16];
	int fds[2], n;
	pid_t pid, parent = getpid();

	attach_and_mount(f);
	(void)snprintf(program, sizeof(program), "%s/sleep", f->a.mountpoint);
	assert_int_equal(run_shell(f, "cp /bin/sleep \"$2/sleep\""), 0);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		end_with_parent(parent);
		(void)execl(program, "sleep", "1000", (char *)NULL);
		_exit(1);
	}
	close(fds[1]);
	/* The write end goes with the exec. */
	assert_int_equal(read(fds[0], &n, sizeof(n)), 0);
	close(fds[0]);
	assert_int_equal(cdisk_busy_list(f->c, &f->a, &list), 1);
	assert_int_equal(list[0].pid, pid);
	assert_string_equal(list[0].command, "sleep");
	assert_string_equal(list[0].file, program);
	free(list);
	assert_int_equal(leave(f, 0, 0), -CDISK_ERR_IN_USE);
	end_child(pid);
	assert_ok(f, leave(f, 0, 2000));
}

static void test_a_stopped_filesystem_server_is_forced(void **state)
{
	struct fixture *f = *state;
	struct cdisk_holder *list = NULL;
	struct cdisk_attachment *a;
	uint64_t start = cdisk_now_ms();

	if (geteuid() == 0)
		skip_because("the kernel serves ext4 for root");
	attach_and_mount(f);
	assert_int_equal(cdisk_fsservers_list(&f->a, &list), 1);
	assert_int_equal(kill(list[0].pid, SIGSTOP), 0);
	while (cdisk_process_look(list[0].pid, list[0].start) != CDISK_PROCESS_STOPPED)
		cdisk_sleep_ms(1);
	a = listed(f, CDISK_LIST_DETAILS);
	assert_non_null(a);
	free(a);
	assert_int_equal(leave(f, 0, 0), -ETIMEDOUT);
	assert_true(cdisk_now_ms() - start < 5000);
	start = cdisk_now_ms();
	assert_ok(f, leave(f, CDISK_UMOUNT_FORCE, 0));
	assert_true(cdisk_now_ms() - start < 5000);
	assert_int_equal(cdisk_process_look(list[0].pid, list[0].start), CDISK_PROCESS_GONE);
	free(list);
	assert_nothing_left(f);
}

/* Processes that were given a path of ours; others may run tests at the same time. */
static unsigned int servers_running(const struct fixture *f)
{
	unsigned int n = 0;
	struct dirent *e;
	DIR *d = opendir("/proc");

	while ((e = readdir(d))) {
		_cleanup_free_ char *line = NULL;
		char path[64];

		(void)snprintf(path, sizeof(path), "/proc/%.20s/cmdline", e->d_name);
		if (strspn(e->d_name, "0123456789") != strlen(e->d_name) ||
			cdisk_read_text(path, 65536, &line) < 0)
			continue;
		if (strlen(line) > 0 && strstr(line + strlen(line) + 1, f->dir))
			n++;
	}
	closedir(d);
	return n;
}

static void test_twenty_mounts_leak_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned int fds = 0;
	DIR *d;

	attach_and_mount(f);
	if (geteuid() != 0)
		assert_int_equal(servers_running(f), 1); /* so the count can fail */
	assert_ok(f, leave(f, 0, 2000));
	d = opendir("/proc/self/fd");
	while (readdir(d))
		fds++;
	closedir(d);
	for (int i = 0; i < 20; i++) {
		attach(f);
		assert_ok(f, cdisk_fs_mount(f->c, &f->a, &plain_mount));
		assert_ok(f, leave(f, 0, 2000));
		assert_nothing_left(f);
	}
	d = opendir("/proc/self/fd");
	while (readdir(d))
		fds--;
	closedir(d);
	assert_int_equal(fds, 0);
	assert_int_equal(servers_running(f), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left unreaped */
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_a_busy_mount_names_who_uses_it_and_stays),
		T(test_an_open_disk_names_who_has_it),
		T(test_lazy_says_partial_while_something_is_open),
		T(test_lazy_of_a_free_mount_is_complete),
		T(test_after_a_killed_server_umount_cleans_up),
		T(test_a_stale_directory_is_cleaned_by_the_next_attach),
		T(test_a_dead_temporary_attachment_goes_with_the_next_attach),
		T(test_a_dead_server_with_a_filesystem_over_it_stays_to_be_seen),
		T(test_a_server_that_cannot_be_seen_is_not_gone),
		T(test_a_program_that_holds_the_run_directory_can_be_given_up_on),
		T(test_a_stopped_server_is_listed_and_forced),
		T(test_force_ends_a_live_one),
		T(test_force_kills_no_process_that_is_not_the_server),
		T(test_sigterm_to_the_server_of_a_mount_changes_nothing),
		T(test_waiting_ends_when_the_last_user_goes),
		T(test_a_program_that_runs_from_the_mount_is_named),
		T(test_a_stopped_filesystem_server_is_forced),
		T(test_twenty_mounts_leak_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return main_as_both(run_all);
}
