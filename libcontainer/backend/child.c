// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/child.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "base/util.h"

#define OUT_FD 3
#define END_MS 10000 /* of a child that is done: its exit takes its turn on a busy machine */
#define TICK_MS 100

struct watch {
	uint64_t end;
	cdisk_go_on_fn go_on;
	void *data;
};

uint64_t cdisk_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void cdisk_sleep_ms(unsigned int ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

void cdisk_child_begin(void)
{
	const struct rlimit no_core = {0, 0};
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)setrlimit(RLIMIT_CORE, &no_core);
}

static _Noreturn void child_main(cdisk_child_fn fn, const void *data, int out)
{
	int r;

	cdisk_child_begin();
	/* A child that hangs must not keep a container's descriptor, and with it its lock. */
	if (out != OUT_FD && dup2(out, OUT_FD) < 0)
		_exit(errno);
	(void)syscall(SYS_close_range, OUT_FD + 1u, ~0u, 0u);
	r = fn(data, OUT_FD);
	_exit(r < 0 ? -r & 0xff : 0);
}

/* Reads until the child closes its end or the time is over. */
static int output_collect(int fd, const struct watch *w, char *output, size_t size)
{
	size_t used = 0;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		uint64_t now = cdisk_now_ms();
		char buf[4096];
		ssize_t n;
		int r;

		if (now >= w->end)
			return -ETIMEDOUT;
		if (poll(&p, 1, w->end - now < TICK_MS ? (int)(w->end - now) : TICK_MS) <= 0) {
			r = w->go_on ? w->go_on(w->data) : 0;
			if (r < 0)
				return r;
			continue;
		}
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		for (ssize_t i = 0; i < n && output && used + 1 < size; i++)
			output[used++] = buf[i];
		if (output && size > 0)
			output[used] = '\0';
	}
}

int cdisk_child_reap(pid_t pid, unsigned int ms, int *ret_result)
{
	uint64_t end = cdisk_now_ms() + ms;

	for (;;) {
		int status;
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid) {
			*ret_result = WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
			return 1;
		}
		if (got < 0 && errno != EINTR) {
			*ret_result = -errno;
			return 1;
		}
		if (cdisk_now_ms() >= end)
			return 0;
		cdisk_sleep_ms(1);
	}
}

int cdisk_child_watch(cdisk_child_fn fn, const void *data, unsigned int timeout_ms, char *output,
	size_t output_size, cdisk_go_on_fn go_on, void *go_on_data)
{
	const struct watch w = {
		.end = cdisk_now_ms() + timeout_ms, .go_on = go_on, .data = go_on_data};
	_cleanup_close_ int read_fd = -1, write_fd = -1;
	int fds[2], r, result = -EIO;
	pid_t pid;

	if (output && output_size > 0)
		output[0] = '\0';
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	read_fd = fds[0];
	write_fd = fds[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		child_main(fn, data, write_fd);
	cdisk_close(&write_fd);
	r = output_collect(read_fd, &w, output, output_size);
	if (r < 0)
		(void)kill(pid, SIGKILL);
	if (!cdisk_child_reap(pid, r < 0 ? CDISK_CHILD_DIE_MS : END_MS, &result))
		return -ETIMEDOUT;
	return r < 0 ? r : result;
}

int cdisk_child_run(cdisk_child_fn fn, const void *data, unsigned int timeout_ms, char *output,
	size_t output_size)
{
	return cdisk_child_watch(fn, data, timeout_ms, output, output_size, NULL, NULL);
}

struct umount_call {
	const char *parent, *name;
	int flags;
};

/*
 * Root unmounts by paths below directories that users own. Resolved without symlinks and pinned
 * as the child's working directory, the parent cannot become another one, and a mount point in it
 * cannot be renamed: so a swap at the right moment does not lead to somebody else's mount.
 */
static int umount_in_child(const void *data, int out)
{
	const struct umount_call *u = data;
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	int dir = (int)syscall(SYS_openat2, AT_FDCWD, u->parent, &how, sizeof(how));

	(void)out;
	if (dir < 0 || fchdir(dir) < 0)
		return -errno;
	/* An open descriptor is no use of the mount below it, but one of the parent's own. */
	close(dir);
	return umount2(u->name, u->flags | UMOUNT_NOFOLLOW) < 0 ? -errno : 0;
}

int cdisk_child_umount(const char *path, int flags, unsigned int timeout_ms, cdisk_go_on_fn go_on,
	void *go_on_data)
{
	_cleanup_free_ char *copy = strdup(path);
	struct umount_call u = {.flags = flags};
	char *slash;

	if (!copy)
		return -ENOMEM;
	slash = strrchr(copy, '/');
	if (!slash || !slash[1])
		return -EINVAL;
	*slash = '\0';
	u.name = slash + 1;
	u.parent = slash == copy ? "/" : copy;
	return cdisk_child_watch(umount_in_child, &u, timeout_ms, NULL, 0, go_on, go_on_data);
}
