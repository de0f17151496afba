/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory with a container file of random key and a handle; disks of it are attached by the
 * fuse backend. main_as_both() runs the tests of a
 * program as root and, in a child, as an ordinary user.
 */
#ifndef CDISK_TESTS_DISK_FIXTURE_H
#define CDISK_TESTS_DISK_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>
#include "backend/child.h"
#include "backend/server.h"
#include "base/io.h"
#include "base/process.h"
#include "mount/mounting.h"

#define MIB (UINT64_C(1024) * 1024)
#define TEST_ID "0a1b2c3d-0000-4000-8000-0123456789ab"
#define TEST_USER 65534

struct fixture {
	struct cdisk *c;
	char dir[64], run[96], file[96];
	struct cdisk_description d;
	int fd; /* of the container */
	struct cdisk_attachment a;
	char output[8192];
};

/* A shell command with $1 = the disk, $2 = the mount point, $3 = our directory: its exit status. */
static inline int run_shell(struct fixture *f, const char *command)
{
	const char *argv[] = {
		"/bin/sh", "-c", command, "sh", f->a.disk, f->a.mountpoint, f->dir, NULL};
	struct cdisk_program p = {
		.argv = argv, .output = f->output, .output_size = sizeof(f->output)};

	return cdisk_program_run(f->c, &p);
}

static inline void description_new(struct cdisk_description *d, uint64_t size, uint32_t sector)
{
	uint8_t key[64];
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	memset(d, 0, sizeof(*d));
	d->size = size - MIB;
	d->sector_size = sector;
	d->n_segments = 1;
	d->segments[0] = (struct cdisk_segment){.length = d->size,
		.offset = MIB,
		.kind = CDISK_SEGMENT_CRYPT,
		.cipher = {.chain_len = 1,
			.chain = {CDISK_CIPHER_AES},
			.mode = CDISK_MODE_XTS,
			.iv_rule = CDISK_IV_PLAIN64,
			.sector_size = sector,
			.iv_unit = 512,
			.key_size = sizeof(key)}};
	d->dynamic = true;
	(void)snprintf(d->id, sizeof(d->id), TEST_ID);
	(void)snprintf(d->format, sizeof(d->format), "LUKS2");
	(void)snprintf(d->label, sizeof(d->label), "events");
	assert_int_equal(read(fd, key, sizeof(key)), sizeof(key));
	close(fd);
	assert_int_equal(cdisk_secret_copy(key, sizeof(key), &d->key), 0);
}

static inline int container_new(const char *path, uint64_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	/* Root mounts below root's own directories only, and /tmp may lack the sticky bit. */
	(void)snprintf(f->dir, sizeof(f->dir), "%s/cryptdisk-test-XXXXXX",
		geteuid() == 0 ? "/run" : "/tmp");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->run, sizeof(f->run), "%s/run", f->dir);
	(void)snprintf(f->file, sizeof(f->file), "%s/c.img", f->dir);
	assert_int_equal(cdisk_new(&f->c), 0);
	f->c->run_dir = strdup(f->run);
	f->fd = container_new(f->file, 65 * MIB);
	description_new(&f->d, 65 * MIB, 4096);
	*state = f;
	return 0;
}

static inline struct cdisk_attach_spec spec_of(const struct fixture *f)
{
	return (struct cdisk_attach_spec){.description = &f->d,
		.backing = "file",
		.fd = f->fd,
		.name = "test",
		.path = f->file,
		.header_fd = -1};
}

#define skip_because(reason)                       \
	do {                                       \
		printf("# SKIPPED: %s\n", reason); \
		skip();                            \
	} while (0)

#define assert_ok(f, call)                                                                     \
	do {                                                                                   \
		int ok_ = (call);                                                              \
		if (ok_ < 0)                                                                   \
			fail_msg("%s: %d %s (%s)", #call, ok_, (f)->c->message, (f)->c->hint); \
	} while (0)

static inline void attach(struct fixture *f)
{
	struct cdisk_attach_spec spec = spec_of(f);

	assert_ok(f, cdisk_backend_fuse.attach(f->c, &spec, &f->a));
}

/* All of it, as the public call does it. */
static inline int leave(struct fixture *f, uint32_t flags, unsigned int wait_ms)
{
	int r = cdisk_fs_umount(f->c, &f->a, flags, wait_ms);

	return r < 0 ? r : cdisk_backend_fuse.detach(f->c, &f->a, flags, wait_ms);
}

static inline bool mounted_below(const char *dir)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};

	assert_int_equal(cdisk_mountinfo_read(&m), 0);
	for (size_t i = 0; i < m.n; i++)
		if (strncmp(m.entries[i].target, dir, strlen(dir)) == 0)
			return true;
	return false;
}

static inline bool loop_below(const char *dir)
{
	_cleanup_free_ struct cdisk_loop *list = NULL;
	int n = cdisk_loop_list(&list);
	bool found = false;

	for (int i = 0; i < n; i++)
		found |= strncmp(list[i].backing, dir, strlen(dir)) == 0;
	return found;
}

static inline void assert_nothing_left(struct fixture *f)
{
	assert_false(mounted_below(f->dir));
	assert_false(loop_below(f->dir));
	assert_int_equal(cdisk_process_look(f->a.pid, f->a.pid_start), CDISK_PROCESS_GONE);
	assert_int_equal(access(f->a.directory, F_OK), -1);
}

static inline void unmount_below(const char *dir)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	struct cdisk c = {0};

	if (cdisk_mountinfo_read(&m) < 0)
		return;
	for (size_t i = m.n; i > 0; i--)
		if (strncmp(m.entries[i - 1].target, dir, strlen(dir)) == 0)
			(void)cdisk_fuse_umount(&c, m.entries[i - 1].target, true, 2000);
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;
	const char *argv[] = {"/bin/rm", "-rf", "--one-file-system", f->dir, NULL};

	/* Only of a test that failed: what it left behind. */
	if (f->a.pid > 0 && mounted_below(f->dir))
		(void)leave(f, CDISK_UMOUNT_FORCE, 0);
	unmount_below(f->dir);
	close(f->fd);
	cdisk_description_done(&f->d);
	(void)cdisk_program_run(f->c, &(struct cdisk_program){.argv = argv});
	cdisk_free(f->c);
	free(f);
	return 0;
}

/* /dev/fuse as udev makes it (0666), for this process and its children alone. */
static inline int fuse_open_to_users(void)
{
	char node[] = "/tmp/cryptdisk-fuse-XXXXXX";
	int fd = mkostemp(node, O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	close(fd);
	(void)unlink(node);
	r = unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mknod(node, S_IFCHR | 0666, makedev(10, 229)) < 0 || chmod(node, 0666) < 0 ||
	    mount(node, "/dev/fuse", NULL, MS_BIND, NULL) < 0;
	r = r ? -errno : 0;
	(void)unlink(node);
	return r;
}

static inline int become_user(void)
{
	if (fuse_open_to_users() < 0 || setgroups(0, NULL) < 0 ||
		setresgid(TEST_USER, TEST_USER, TEST_USER) < 0 ||
		setresuid(TEST_USER, TEST_USER, TEST_USER) < 0)
		return -errno;
	return 0;
}

/*
 * In a child, after any change of uid (which takes it back): it ends with the test, however that
 * ends.
 */
static inline void end_with_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
}

/* Runs this program again as an ordinary user; its exit status. */
static inline int again_as_user(void)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int status;
	pid_t pid, parent = getpid();

	if (n < 0)
		return 1;
	self[n] = '\0';
	pid = fork();
	if (pid == 0) {
		if (become_user() < 0 || access(self, X_OK) < 0) {
			printf("# SKIPPED as an ordinary user: %s\n", strerror(errno));
			_exit(0);
		}
		end_with_parent(parent);
		(void)execl(self, self, (char *)NULL);
		_exit(1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static const struct cdisk_mount plain_mount = {.owner = UINT32_MAX};

static inline void attach_and_mount(struct fixture *f)
{
	attach(f);
	assert_int_equal(
		run_shell(f, "exec mke2fs -q -t ext4 -E root_owner=$(id -u):$(id -g) \"$1\""), 0);
	assert_ok(f, cdisk_fs_mount(f->c, &f->a, &plain_mount));
}

/* The one attachment of this test in the list, or NULL. */
static inline struct cdisk_attachment *listed(struct fixture *f, uint32_t flags)
{
	struct cdisk_attachment *list = NULL, *found = NULL;
	int n = cdisk_state_list(f->c, flags, &list);

	assert_true(n >= 0);
	for (int i = 0; i < n; i++)
		if (strcmp(list[i].directory, f->a.directory) == 0) {
			found = malloc(sizeof(*found));
			*found = list[i];
		}
	free(list);
	return found;
}

/* A child that sits in the mount until it is killed. */
static inline pid_t sit_in(const char *dir)
{
	int fds[2];
	char byte;
	pid_t pid, parent = getpid();

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		end_with_parent(parent);
		if (chdir(dir) < 0 || write(fds[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	close(fds[1]);
	return pid;
}

static inline void end_child(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* main() of a program of such tests. */
static inline int main_as_both(int (*run_all)(void))
{
	struct cdisk_check check = {0};
	struct cdisk c = {0};
	int failed;

	if (cdisk_backend_fuse.probe(&c, &check) <= 0) {
		printf("# SKIPPED: the fuse backend does not work here: %s\n", check.reason);
		return 77;
	}
	failed = run_all();
	if (geteuid() == 0 && again_as_user() != 0)
		failed = 1;
	return failed;
}

#endif
