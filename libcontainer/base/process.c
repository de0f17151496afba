// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "base/io.h"
#include "base/util.h"

#define TICK_MS 100
#define DIE_MS 2000 /* a killed program is waited for that long */
#define MAX_ENV 16
#define MAX_KEEP 16

static const char *const program_dirs[] = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};

int cdisk_program_find(const char *name, char *ret_path, size_t size)
{
	if (strchr(name, '/'))
		return -EINVAL;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(program_dirs); i++) {
		struct stat st;
		int n = snprintf(ret_path, size, "%s/%s", program_dirs[i], name);

		if (n < 0 || (size_t)n >= size)
			return -ENAMETOOLONG;
		if (stat(ret_path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111))
			return 0;
	}
	return -ENOENT;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* In the child: only 0-2 and the kept descriptors survive the exec. Async-signal-safe calls only. */
static void child_descriptors(const struct cdisk_program *p, int null_fd, int out_fd)
{
	(void)dup2(null_fd, STDIN_FILENO);
	(void)dup2(out_fd, STDOUT_FILENO);
	(void)dup2(out_fd, STDERR_FILENO);
	(void)syscall(SYS_close_range, 3u, ~0u, 1u << 2 /* CLOSE_RANGE_CLOEXEC */);
	for (size_t i = 0; i < p->n_keep_fds; i++)
		(void)fcntl(p->keep_fds[i], F_SETFD, 0);
}

static void child_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static pid_t program_start(const struct cdisk_program *p, int null_fd, int out_fd)
{
	const char *env[MAX_ENV] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};
	size_t n = 2;
	pid_t parent = getpid(), pid;

	for (size_t i = 0; p->env && p->env[i] && n + 1 < MAX_ENV; i++)
		env[n++] = p->env[i];
	env[n] = NULL;
	pid = fork();
	if (pid != 0)
		return pid;
	/* A program that works on a disk must not go on when we are gone. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	child_signals();
	child_descriptors(p, null_fd, out_fd);
	execve(p->argv[0], (char *const *)(uintptr_t)p->argv, (char *const *)(uintptr_t)env);
	_exit(127);
}

/* Drains what the program wrote; keeps the first output_size - 1 bytes. 1 = more may come. */
static int output_drain(const struct cdisk_program *p, int fd, size_t *used)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));
	size_t room;

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n == 0)
		return 0;
	if (p->output && p->output_size > 0) {
		room = p->output_size - 1 - *used;
		if ((size_t)n < room)
			room = (size_t)n;
		memcpy(p->output + *used, buf, room);
		*used += room;
		p->output[*used] = '\0';
	}
	return 1;
}

static int program_reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Even SIGKILL waits for a call into a filesystem that does not answer: then it is left behind. */
static void program_kill(pid_t pid, int pidfd)
{
	(void)kill(pid, SIGKILL);
	if (pidfd < 0 || cdisk_process_wait(pidfd, DIE_MS) == 0)
		(void)program_reap(pid);
}

/* Descriptors 0 to 2 of the caller may be closed: ours must not lie where the program's will be. */
static int fd_raise(int *fd)
{
	int high = fcntl(*fd, F_DUPFD_CLOEXEC, 3);

	if (high < 0)
		return -errno;
	close(*fd);
	*fd = high;
	return 0;
}

static int program_files(int *null_fd, int *read_fd, int *write_fd)
{
	int pipe_fds[2], r;

	*null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (*null_fd < 0 || pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	*read_fd = pipe_fds[0];
	*write_fd = pipe_fds[1];
	r = fd_raise(null_fd);
	if (r == 0)
		r = fd_raise(write_fd);
	if (r == 0 && fcntl(*read_fd, F_SETFL, O_NONBLOCK) < 0)
		r = -errno;
	return r;
}

/* Until the program ends: collects output, asks whether to go on. 0, -ECANCELED or -ETIMEDOUT. */
static int program_watch(struct cdisk *c, const struct cdisk_program *p, int pidfd, int out_fd)
{
	uint64_t start = now_ms();
	size_t used = 0;
	bool open_output = true;

	for (;;) {
		struct pollfd fds[2] = {{.fd = pidfd, .events = POLLIN},
					{.fd = open_output ? out_fd : -1, .events = POLLIN}};
		int r;

		if (poll(fds, 2, TICK_MS) < 0 && errno != EINTR)
			return -errno;
		if (fds[1].revents)
			open_output = output_drain(p, out_fd, &used);
		else if (fds[0].revents)
			return 0;
		if (p->what && (r = cdisk_progress(c, p->what, 0, 0)) < 0)
			return r;
		if (p->timeout_ms && now_ms() - start > p->timeout_ms)
			return -ETIMEDOUT;
	}
}

int cdisk_program_run(struct cdisk *c, const struct cdisk_program *p)
{
	_cleanup_close_ int null_fd = -1, read_fd = -1, write_fd = -1, pidfd = -1;
	int r = program_files(&null_fd, &read_fd, &write_fd);
	pid_t pid;

	if (r < 0)
		return r;
	if (p->output && p->output_size > 0)
		p->output[0] = '\0';
	pid = program_start(p, null_fd, write_fd);
	if (pid < 0)
		return -errno;
	cdisk_close(&write_fd);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	r = pidfd < 0 ? -errno : program_watch(c, p, pidfd, read_fd);
	if (r == 0)
		return program_reap(pid);
	program_kill(pid, pidfd);
	return r;
}

int cdisk_process_start_time(pid_t pid, uint64_t *ret_start)
{
	_cleanup_free_ char *text = NULL;
	char path[64], *p;
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	r = cdisk_read_text(path, 4096, &text);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	/* The command in field 2 may hold spaces and brackets: count from the last bracket. */
	p = strrchr(text, ')');
	for (int field = 2; p && field < 22; field++) {
		p = strchr(p, ' ');
		if (p)
			p++;
	}
	if (!p)
		return -EIO;
	*ret_start = strtoull(p, NULL, 10);
	return 0;
}

int cdisk_process_pidfd(pid_t pid, uint64_t start, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	uint64_t now = 0;
	int r;

	if (pid <= 0)
		return -ESRCH;
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return errno == EINVAL ? -ESRCH : -errno;
	/* After the pidfd, so that the number cannot be given to another process in between. */
	r = cdisk_process_start_time(pid, &now);
	if (r < 0)
		return r;
	if (now != start)
		return -ESRCH;
	*ret_fd = cdisk_steal_fd(&fd);
	return 0;
}

int cdisk_process_wait(int pidfd, unsigned int timeout_ms)
{
	uint64_t end = now_ms() + timeout_ms;

	for (;;) {
		struct pollfd p = {.fd = pidfd, .events = POLLIN};
		uint64_t now = now_ms();
		int r = poll(&p, 1, now < end ? (int)(end - now) : 0);

		if (r > 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return -errno;
		if (now_ms() >= end)
			return -ETIMEDOUT;
	}
}
