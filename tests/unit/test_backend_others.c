// SPDX-License-Identifier: GPL-2.0-or-later
/* Other users, other programs at the same time, and loop devices. */
#include <poll.h>
#include <sys/ioctl.h>
#include <linux/fs.h>
#include "disk_fixture.h"

/* Runs fn in a child as an ordinary user in this mount namespace, which stays until killed. */
static pid_t as_user(struct fixture *f, int (*fn)(struct fixture *f))
{
	int fds[2];
	char byte = 0;
	pid_t pid, parent = getpid();

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fchown(f->fd, TEST_USER, TEST_USER), 0);
	assert_int_equal(chown(f->dir, TEST_USER, TEST_USER), 0);
	pid = fork();
	if (pid == 0) {
		if (setgroups(0, NULL) < 0 || setresgid(TEST_USER, TEST_USER, TEST_USER) < 0 ||
			setresuid(TEST_USER, TEST_USER, TEST_USER) < 0 ||
			prctl(PR_SET_DUMPABLE, 1) < 0)
			_exit(1);
		end_with_parent(parent);
		byte = fn(f) == 0 ? 'y' : 'n';
		if (write(fds[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	close(fds[1]);
	if (byte != 'y') {
		end_child(pid);
		printf("# SKIPPED: an ordinary user cannot mount with fusermount3 here\n");
		skip();
	}
	return pid;
}

static int user_attaches(struct fixture *f)
{
	struct cdisk_attach_spec spec = spec_of(f);
	int r = cdisk_backend_fuse.attach(f->c, &spec, &f->a);

	if (r < 0)
		printf("# %s\n", f->c->message);
	return r;
}

static struct cdisk_attachment *listed_by_id(struct fixture *f, uint32_t flags)
{
	(void)snprintf(f->a.directory, sizeof(f->a.directory), "%s/" TEST_ID, f->run);
	return listed(f, flags);
}

static void test_root_sees_and_ends_a_user_s_attachment(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment *a;
	pid_t pid = as_user(f, user_attaches);

	assert_null(listed_by_id(f, CDISK_LIST_DETAILS));
	a = listed_by_id(f, CDISK_LIST_ALL | CDISK_LIST_DETAILS);
	assert_non_null(a);
	assert_int_equal(a->uid, TEST_USER);
	assert_string_equal(a->scope, "user");
	assert_string_equal(a->name, ""); /* nobody asks another user's server */
	f->a = *a;
	assert_ok(f, leave(f, 0, 1000));
	assert_int_equal(cdisk_process_look(a->pid, a->pid_start), CDISK_PROCESS_GONE);
	free(a);
	assert_false(mounted_below(f->dir));
	end_child(pid);
}

/* A mount of the user's own that claims to be served by another process: root's own. */
static int user_forges(struct fixture *f)
{
	struct cdisk_source source = {
		.id = TEST_ID, .dev = 1, .ino = 1, .pid = getppid(), .pid_start = 0};
	char text[160];
	int fd;

	if (cdisk_process_start_time(source.pid, &source.pid_start) < 0 || mkdir(f->run, 0700) < 0)
		return -1;
	(void)snprintf(f->a.directory, sizeof(f->a.directory), "%s/" TEST_ID, f->run);
	cdisk_source_format(&source, text, sizeof(text));
	return mkdir(f->a.directory, 0700) < 0 ? -1
					       : cdisk_fuse_mount(f->c, f->a.directory, text, &fd);
}

static void test_a_forged_source_makes_root_kill_nobody(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment *a;
	pid_t pid = as_user(f, user_forges);
	uint64_t start = cdisk_now_ms();

	/* The user's process holds /dev/fuse and never answers. */
	a = listed_by_id(f, CDISK_LIST_ALL | CDISK_LIST_DETAILS);
	assert_non_null(a);
	assert_int_equal(a->pid, getpid());
	assert_int_equal(a->uid, TEST_USER);
	f->a = *a;
	assert_int_equal(leave(f, CDISK_UMOUNT_FORCE, 0), -EPERM);
	assert_true(cdisk_now_ms() - start < 2000);
	free(a);
	end_child(pid);
	assert_int_equal(umount2(f->a.directory, MNT_DETACH), 0);
	f->a.pid = 0;
}

/* A FUSE mount of the user's that claims to be the filesystem on root's disk. */
static int user_claims_roots_disk(struct fixture *f)
{
	char place[CDISK_PATH_SIZE];
	int fd;

	(void)snprintf(place, sizeof(place), "%s/place", f->dir);
	return mkdir(place, 0700) < 0 ? -1 : cdisk_fuse_mount(f->c, place, f->a.disk, &fd);
}

static void test_a_user_s_mount_that_claims_root_s_disk_is_not_believed(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment *a;
	char place[CDISK_PATH_SIZE];
	pid_t pid;

	attach(f);
	pid = as_user(f, user_claims_roots_disk);
	(void)snprintf(place, sizeof(place), "%s/place", f->dir);
	assert_true(mounted_below(place));
	a = listed(f, CDISK_LIST_ALL);
	assert_non_null(a);
	assert_string_equal(a->mountpoint, "");
	assert_int_equal(a->state, CDISK_STATE_UNLOCKED);
	free(a);
	assert_ok(f, leave(f, 0, 0));
	assert_true(mounted_below(place));
	end_child(pid);
	assert_int_equal(umount2(place, MNT_DETACH), 0);
	assert_nothing_left(f);
}

/* The parent directory becomes a symlink to one of root's that has a mount of the same name. */
static void test_root_unmounts_through_no_symlink(void **state)
{
	struct fixture *f = *state;
	char ours[128], link[128], through[160];

	(void)snprintf(ours, sizeof(ours), "%s/ours", f->dir);
	(void)snprintf(link, sizeof(link), "%s/link", f->dir);
	(void)snprintf(through, sizeof(through), "%s/link/ours", f->dir);
	assert_int_equal(mkdir(ours, 0700), 0);
	assert_int_equal(mount("none", ours, "tmpfs", 0, "size=4k"), 0);
	assert_int_equal(symlink(f->dir, link), 0);
	assert_int_equal(cdisk_child_umount(through, 0, 1000, NULL, NULL), -ELOOP);
	assert_true(mounted_below(ours));
	assert_int_equal(cdisk_child_umount(ours, 0, 1000, NULL, NULL), 0);
	assert_false(mounted_below(ours));
}

static void test_root_mounts_for_another_user(void **state)
{
	struct fixture *f = *state;
	const struct cdisk_mount m = {.owner = TEST_USER};
	char expected[160];

	attach(f);
	assert_int_equal(run_shell(f, "exec mke2fs -q -E root_owner=65534:65534 \"$1\""), 0);
	assert_ok(f, cdisk_fs_mount(f->c, &f->a, &m));
	(void)snprintf(expected, sizeof(expected), "%s/mnt/%d/events", f->run, TEST_USER);
	assert_string_equal(f->a.mountpoint, expected);
	assert_int_equal(
		run_shell(f, "chmod 711 \"$3\" && exec setpriv --reuid 65534 --regid 65534 "
			     "--clear-groups touch \"$2/mine\""),
		0);
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
	assert_int_equal(access(expected, F_OK), -1);
}

/* While root mounts for a user, that user swaps the directory: the mount is never elsewhere. */
static void test_a_swapped_mount_point_gets_no_mount(void **state)
{
	struct fixture *f = *state;
	const struct cdisk_mount m = {.owner = TEST_USER};
	unsigned int mounted = 0;
	char decoy[160];
	pid_t pid, parent = getpid();

	attach(f);
	assert_int_equal(
		run_shell(f, "mke2fs -q \"$1\" && mkdir \"$3/decoy\" && chmod 711 \"$3\""), 0);
	(void)snprintf(decoy, sizeof(decoy), "%s/decoy", f->dir);
	pid = fork();
	if (pid == 0) {
		char a[160], b[160];

		(void)snprintf(a, sizeof(a), "%s/mnt/%d/events", f->run, TEST_USER);
		(void)snprintf(b, sizeof(b), "%s/mnt/%d/moved", f->run, TEST_USER);
		if (setresgid(TEST_USER, TEST_USER, TEST_USER) < 0 ||
			setresuid(TEST_USER, TEST_USER, TEST_USER) < 0)
			_exit(1);
		end_with_parent(parent);
		for (unsigned int i = 0;; i++) {
			/* At another moment each time, and long enough to be walked into. */
			while (access(a, F_OK) < 0)
				;
			(void)poll(NULL, 0, (int)(i % 5));
			if (rename(a, b) < 0 || symlink(decoy, a) < 0)
				continue;
			(void)poll(NULL, 0, 4);
			(void)unlink(a);
			(void)rmdir(b);
		}
	}
	for (int i = 0; i < 50; i++) {
		int r = cdisk_fs_mount(f->c, &f->a, &m);
		_cleanup_mountinfo_ struct cdisk_mountinfo info = {0};

		assert_int_equal(cdisk_mountinfo_read(&info), 0);
		for (size_t k = 0; k < info.n; k++)
			assert_int_not_equal(
				strncmp(info.entries[k].target, decoy, strlen(decoy)), 0);
		if (r < 0)
			continue;
		mounted++;
		assert_ok(f, cdisk_fs_umount(f->c, &f->a, 0, 2000));
		f->a.mountpoint[0] = f->a.node[0] = '\0';
		f->a.state = CDISK_STATE_UNLOCKED;
	}
	end_child(pid);
	printf("# mounted %u of 50 times, never elsewhere\n", mounted);
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

static int look_at_init_through_hidepid(uint64_t start)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("proc", "/proc", "proc", 0, "hidepid=2") < 0)
		return 77;
	if (setgroups(0, NULL) < 0 || setresgid(TEST_USER, TEST_USER, TEST_USER) < 0 ||
		setresuid(TEST_USER, TEST_USER, TEST_USER) < 0 || access("/proc/1", F_OK) == 0)
		return 77;
	return cdisk_process_look(1, start) == CDISK_PROCESS_RUNS ? 0 : 1;
}

static void test_a_process_that_proc_hides_counts_as_running(void **state)
{
	uint64_t start;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(cdisk_process_start_time(1, &start), 0);
	pid = fork();
	if (pid == 0)
		_exit(look_at_init_through_hidepid(start));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status == 77 << 8)
		skip_because("/proc cannot be mounted with hidepid here");
	assert_int_equal(status, 0);
}

static void test_programs_at_the_same_time_get_different_names(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment *list = NULL;
	pid_t pids[8], parent = getpid();
	int n, ours = 0;

	for (int i = 0; i < 8; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct cdisk_attach_spec spec = spec_of(f);
			struct cdisk_description d = f->d;

			end_with_parent(parent);
			/* A key of its own: the parent's memory for secrets is empty in a child. */
			description_new(&d, 65 * MIB, 512);
			spec.description = &d;
			spec.flags = CDISK_ATTACH_COPY;
			_exit(cdisk_backend_fuse.attach(f->c, &spec, &f->a) == 0 ? 0 : 1);
		}
	}
	for (int i = 0; i < 8; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	n = cdisk_state_list(f->c, 0, &list);
	for (int i = 0; i < n; i++) {
		if (strncmp(list[i].directory, f->dir, strlen(f->dir)) != 0)
			continue;
		ours++;
		f->a = list[i];
		assert_ok(f, leave(f, 0, 2000));
	}
	free(list);
	assert_int_equal(ours, 8);
	assert_nothing_left(f);
}

static void test_a_temporary_attachment_ends_with_its_program(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment *a;
	int pidfd, fds[2];
	pid_t pid, parent = getpid();

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		struct cdisk_attach_spec spec = spec_of(f);
		struct cdisk_description d;

		end_with_parent(parent);
		description_new(&d, 65 * MIB, 512);
		spec.description = &d;
		spec.flags = CDISK_ATTACH_TEMPORARY;
		if (cdisk_backend_fuse.attach(f->c, &spec, &f->a) < 0 ||
			write(fds[1], &f->a, sizeof(f->a)) != (ssize_t)sizeof(f->a))
			_exit(1);
		for (;;)
			pause();
	}
	close(fds[1]);
	for (size_t n = 0; n < sizeof(f->a);) {
		ssize_t got = read(fds[0], (char *)&f->a + n, sizeof(f->a) - n);

		assert_true(got > 0);
		n += (size_t)got;
	}
	close(fds[0]);
	assert_int_equal(cdisk_process_pidfd(f->a.pid, f->a.pid_start, &pidfd), 0);
	end_child(pid);
	assert_int_equal(cdisk_process_wait(pidfd, 10000), 0);
	close(pidfd);
	a = listed(f, 0);
	assert_non_null(a);
	assert_int_equal(a->state, CDISK_STATE_STALE);
	free(a);
	assert_ok(f, leave(f, 0, 0));
	assert_nothing_left(f);
}

static void test_a_loop_device_has_the_volume_s_sectors_and_goes_by_itself(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int fd = -1;
	char node[32];
	int loop = -1, sector = 0;

	attach(f);
	fd = open(f->a.disk, O_RDWR | O_CLOEXEC);
	assert_ok(f, cdisk_loop_attach(f->c, fd, 4096, false, node, sizeof(node), &loop));
	assert_int_equal(ioctl(loop, BLKSSZGET, &sector), 0);
	assert_int_equal(sector, 4096);
	assert_true(loop_below(f->dir));
	/* The number of a device that was given to another file by now. */
	assert_int_equal(cdisk_loop_detach(f->c, node, "/somewhere/else/disk"), 0);
	assert_true(loop_below(f->dir));
	close(loop);
	for (int i = 0; i < 1000 && loop_below(f->dir); i++)
		cdisk_sleep_ms(5);
	assert_false(loop_below(f->dir));
	/* Detaching what is not attached is no error. */
	assert_int_equal(cdisk_loop_detach(f->c, "/dev/loop99999", f->a.disk), 0);
	cdisk_close(&fd);
	assert_ok(f, leave(f, 0, 2000));
}

static void test_small_blocks_on_large_sectors_mount_all_the_same(void **state)
{
	struct fixture *f = *state;
	const struct cdisk_mount m = {.owner = UINT32_MAX};

	attach(f);
	assert_int_equal(run_shell(f, "exec mke2fs -q -b 1024 \"$1\""), 0);
	assert_ok(f, cdisk_fs_mount(f->c, &f->a, &m));
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

static void test_readonly_with_a_journal_to_replay_says_noload(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mount m = {.owner = UINT32_MAX, .flags = CDISK_MOUNT_READONLY};

	attach(f);
	assert_int_equal(run_shell(f, "mke2fs -q -t ext4 -b 4096 \"$1\" && debugfs -w -R "
				      "'feature needs_recovery' \"$1\" 2>/dev/null >&2"),
		0);
	if (cdisk_fs_mount(f->c, &f->a, &m) == 0) {
		/* An empty journal may count as clean: nothing to say then. */
		assert_ok(f, leave(f, 0, 2000));
		return;
	}
	assert_non_null(strstr(f->c->hint, "noload"));
	m.options = "noload";
	assert_ok(f, cdisk_fs_mount(f->c, &f->a, &m));
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

static void test_writers_get_eio_soon_after_the_server_was_killed(void **state)
{
	struct fixture *f = *state;
	uint64_t start;

	attach_and_mount(f);
	assert_int_equal(run_shell(f, "dd if=/dev/zero of=\"$2/dirty\" bs=1M count=16 2>&1"), 0);
	assert_int_equal(kill(f->a.pid, SIGKILL), 0);
	start = cdisk_now_ms();
	assert_int_not_equal(run_shell(f, "LC_ALL=C sync \"$2/dirty\""), 0);
	assert_non_null(strstr(f->output, "Input/output error"));
	assert_true(cdisk_now_ms() - start < 5000);
	assert_ok(f, leave(f, 0, 5000));
	assert_nothing_left(f);
}

/* Writes one block to the disk and syncs it: the server hangs in its medium meanwhile. */
static pid_t sync_one_block(const char *disk)
{
	pid_t pid, parent = getpid();

	pid = fork();
	if (pid == 0) {
		static const char block[4096] = "x";
		int fd;

		end_with_parent(parent);
		fd = open(disk, O_WRONLY | O_CLOEXEC);
		_exit(pwrite(fd, block, sizeof(block), 0) < 0 || fsync(fd) < 0);
	}
	return pid;
}

static bool some_thread_in_d(int32_t pid)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "grep -q '^State:.D' /proc/%d/task/*/status", pid);
	return system(command) == 0;
}

/* Even SIGKILL does not end a server whose container lies on a medium that hangs. */
static void test_force_ends_in_time_while_the_medium_hangs(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment outer;
	struct cdisk_attach_spec spec = spec_of(f);
	struct cdisk_description inner;
	char path[CDISK_PATH_SIZE + 8];
	uint64_t start;
	pid_t pid;
	int i, r;

	attach_and_mount(f);
	outer = f->a;
	(void)snprintf(path, sizeof(path), "%s/i.img", outer.mountpoint);
	spec.fd = container_new(path, 8 * MIB);
	description_new(&inner, 8 * MIB, 4096);
	inner.id[0] = '1';
	spec.description = &inner;
	assert_ok(f, cdisk_backend_fuse.attach(f->c, &spec, &f->a));
	close(spec.fd);
	cdisk_description_done(&inner);
	assert_int_equal(kill(outer.pid, SIGSTOP), 0);
	pid = sync_one_block(f->a.disk);
	for (i = 0; i < 500 && !some_thread_in_d(f->a.pid); i++)
		cdisk_sleep_ms(10);
	start = cdisk_now_ms();
	r = leave(f, CDISK_UMOUNT_FORCE, 0);
	start = cdisk_now_ms() - start;
	assert_int_equal(kill(outer.pid, SIGCONT), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(i < 500);
	assert_int_equal(r, -ETIMEDOUT);
	assert_true(start < 5000);
	assert_false(mounted_below(f->a.directory));
	f->a = outer;
	for (i = 0; i < 200 && leave(f, 0, 100) < 0; i++)
		cdisk_sleep_ms(10);
	assert_nothing_left(f);
}

/* Nobody synced: the unmount is the last who can say that it did not work. */
static void test_umount_tells_that_the_last_writes_were_lost(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment whole;
	char small[128], path[160];

	(void)snprintf(small, sizeof(small), "%s/small", f->dir);
	(void)snprintf(path, sizeof(path), "%s/c.img", small);
	assert_int_equal(mkdir(small, 0700), 0);
	assert_int_equal(mount("none", small, "tmpfs", 0, "size=24m"), 0);
	close(f->fd);
	f->fd = container_new(path, 65 * MIB);
	attach_and_mount(f);
	assert_int_equal(
		run_shell(f, "dd if=/dev/urandom of=\"$2/lost\" bs=1M count=40 2>&1"), 0);
	whole = f->a;
	assert_int_equal(cdisk_umount(f->c, &whole, 0, 2000), -EIO);
	assert_non_null(strstr(f->c->message, "what was written last is lost"));
	assert_false(loop_below(f->dir));
	assert_int_equal(access(f->a.directory, F_OK), -1);
	/* With room again it opens, and what is written is kept. */
	assert_int_equal(mount(NULL, small, NULL, MS_REMOUNT, "size=100m"), 0);
	f->a.mountpoint[0] = '\0';
	attach(f);
	assert_true(run_shell(f, "exec e2fsck -fy \"$1\"") < 4);
	assert_ok(f, cdisk_fs_mount(f->c, &f->a, &plain_mount));
	assert_int_equal(run_shell(f, "echo kept >\"$2/kept\""), 0);
	whole = f->a;
	assert_ok(f, cdisk_umount(f->c, &whole, 0, 2000));
	close(f->fd);
	f->fd = -1;
	assert_int_equal(umount2(small, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_root_sees_and_ends_a_user_s_attachment),
		T(test_a_forged_source_makes_root_kill_nobody),
		T(test_a_user_s_mount_that_claims_root_s_disk_is_not_believed),
		T(test_root_unmounts_through_no_symlink),
		T(test_root_mounts_for_another_user),
		T(test_a_swapped_mount_point_gets_no_mount),
		T(test_a_process_that_proc_hides_counts_as_running),
		T(test_programs_at_the_same_time_get_different_names),
		T(test_a_temporary_attachment_ends_with_its_program),
		T(test_a_loop_device_has_the_volume_s_sectors_and_goes_by_itself),
		T(test_small_blocks_on_large_sectors_mount_all_the_same),
		T(test_readonly_with_a_journal_to_replay_says_noload),
		T(test_force_ends_in_time_while_the_medium_hangs),
		T(test_umount_tells_that_the_last_writes_were_lost),
		T(test_writers_get_eio_soon_after_the_server_was_killed),
	};
	struct cdisk_check check = {0};
	struct cdisk c = {0};

	if (geteuid() != 0 || cdisk_backend_fuse.probe(&c, &check) <= 0) {
		printf("# SKIPPED: needs root and the fuse backend %s\n", check.reason);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
