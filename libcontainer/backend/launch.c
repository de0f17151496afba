// SPDX-License-Identifier: GPL-2.0-or-later
/* Starting cryptdisk-serve and handing the volume over to it. */
#include "backend/server.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "base/process.h"
#include "base/serve_link.h"

#define READY_MS 10000
#define END_MS 2000

static const char *const server_env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};

/* The sockets of temporary attachments of this process: while one is open its server lives. */
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept {
	struct kept *next;
	int sock;
	char instance[CDISK_ID_SIZE + 8];
} * kept_list;

/* In the server-to-be: nothing of the caller crosses but the socket. Async-signal-safe calls only.
 */
static _Noreturn void server_exec(const char *path, int sock, int null_fd)
{
	const char *const argv[] = {"cryptdisk-serve", NULL};
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (int fd = 0; fd < CDISK_SERVE_SOCKET; fd++)
		if (dup2(null_fd, fd) < 0)
			_exit(127);
	if (sock == CDISK_SERVE_SOCKET)
		(void)fcntl(sock, F_SETFD, 0);
	else if (dup2(sock, CDISK_SERVE_SOCKET) < 0)
		_exit(127);
	(void)syscall(SYS_close_range, CDISK_SERVE_SOCKET + 1u, ~0u, 0u);
	(void)umask(077);
	if (chdir("/") < 0)
		_exit(127);
	execve(path, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)server_env);
	_exit(127);
}

/*
 * Two forks: the server belongs to init from the start, so that a program that uses the library
 * need not reap it, and in a session of its own, so that the terminal's signals do not reach it.
 */
static int server_fork(const char *path, int sock, int null_fd, pid_t *ret_pid)
{
	_cleanup_close_ int read_fd = -1, write_fd = -1;
	int fds[2], status;
	pid_t pid, server = -1;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	read_fd = fds[0];
	write_fd = fds[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		(void)setsid();
		server = fork();
		if (server == 0)
			server_exec(path, sock, null_fd);
		n = write(write_fd, &server, sizeof(server));
		_exit(server < 0 || n != sizeof(server));
	}
	cdisk_close(&write_fd);
	do
		n = read(read_fd, &server, sizeof(server));
	while (n < 0 && errno == EINTR);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n != sizeof(server) || server <= 0)
		return -EAGAIN;
	*ret_pid = server;
	return 0;
}

/* Its socket closes with this call, so that it ends if it has not. */
static int start_failed(struct cdisk *c, const char *path, pid_t pid)
{
	if (kill(pid, 0) < 0 && errno == ESRCH)
		return cdisk_fail(c, -EIO, "%s ended at once", path);
	(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND,
		"/proc does not show the server, process %d, so it could not be looked after", pid);
	cdisk_hint(c, "/proc is mounted with hidepid=: do without it, or run this as root");
	return -CDISK_ERR_NO_BACKEND;
}

int cdisk_server_start(struct cdisk *c, struct cdisk_server *ret_server)
{
	_cleanup_close_ int ours = -1, theirs = -1, null_fd = -1;
	struct cdisk_server s = {.pidfd = -1, .sock = -1};
	char path[CDISK_PATH_SIZE];
	int pair[2], r;

	r = cdisk_serve_path(path, sizeof(path));
	if (r < 0)
		return cdisk_fail(c, -CDISK_ERR_NO_BACKEND,
			"the server program cryptdisk-serve is not installed beside the "
			"library: %s",
			strerror(-r));
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return cdisk_fail(
			c, -errno, "cannot make a socket for the server: %s", strerror(errno));
	ours = pair[0];
	theirs = pair[1];
	/* Above 3, so that the descriptors the server starts with never cross each other. */
	s.sock = fcntl(theirs, F_DUPFD_CLOEXEC, CDISK_SERVE_SOCKET + 1);
	r = s.sock < 0 ? -errno : server_fork(path, s.sock, null_fd, &s.pid);
	cdisk_close(&s.sock);
	cdisk_close(&theirs);
	if (r < 0)
		return cdisk_fail(c, r, "cannot start %s: %s", path, strerror(-r));
	r = cdisk_process_start_time(s.pid, &s.start);
	if (r == 0)
		r = cdisk_process_pidfd(s.pid, s.start, &s.pidfd);
	if (r < 0)
		return start_failed(c, path, s.pid);
	s.sock = cdisk_steal_fd(&ours);
	*ret_server = s;
	return 0;
}

static void start_fill(const struct cdisk *c, const struct cdisk_attach_spec *spec,
	struct cdisk_serve_start *start)
{
	memset(start, 0, sizeof(*start));
	start->magic = CDISK_SERVE_MAGIC;
	start->abi = CDISK_ABI_VERSION;
	start->size = sizeof(*start);
	start->uid = geteuid();
	/* As root the kernel's filesystem will write through a loop device over the disk. */
	if (geteuid() == 0)
		start->flags |= CDISK_SERVE_UNDER_LOOP;
	if (c->settings & CDISK_SET_REQUIRE_LOCKED_MEMORY)
		start->flags |= CDISK_SERVE_REQUIRE_LOCKED;
	if (spec->name)
		(void)snprintf(start->name, sizeof(start->name), "%s", spec->name);
	if (spec->path)
		(void)snprintf(start->path, sizeof(start->path), "%s", spec->path);
	(void)snprintf(start->backing, sizeof(start->backing), "%s", spec->backing);
	start->description = *spec->description;
	start->description.key = NULL;
	if (spec->description->key)
		start->key_size = (uint32_t)cdisk_secret_size(spec->description->key);
	if (spec->flags & CDISK_ATTACH_READONLY)
		start->description.read_only = true;
}

static int ready_receive(int sock, struct cdisk_serve_ready *ready)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};
	ssize_t n;
	int r;

	do
		r = poll(&p, 1, READY_MS);
	while (r < 0 && errno == EINTR);
	if (r <= 0)
		return r < 0 ? -errno : -ETIMEDOUT;
	n = recv(sock, ready, sizeof(*ready), 0);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -EPIPE;
	if ((size_t)n != sizeof(*ready) || ready->magic != CDISK_SERVE_MAGIC)
		return -EPROTO;
	ready->message[sizeof(ready->message) - 1] = '\0';
	return 0;
}

int cdisk_server_hand_over(struct cdisk *c, const struct cdisk_server *s,
	const struct cdisk_attach_spec *spec, int fuse_fd, bool *ret_locked)
{
	_cleanup_free_ struct cdisk_serve_start *start = malloc(sizeof(*start));
	const int fds[2] = {fuse_fd, spec->fd};
	struct cdisk_serve_ready ready = {0};
	int r;

	if (!start)
		return cdisk_fail(c, -ENOMEM, "not enough memory to start the server");
	start_fill(c, spec, start);
	r = cdisk_serve_send(s->sock, start, fds, spec->description->key);
	if (r == 0)
		r = ready_receive(s->sock, &ready);
	if (r == -ETIMEDOUT)
		return cdisk_fail(c, r, "the server did not start within %d s", READY_MS / 1000);
	if (r == -EPROTO) {
		(void)cdisk_fail(
			c, -CDISK_ERR_UNSUPPORTED, "library and server are of different versions");
		cdisk_hint(c, "install cryptdisk as a whole again");
		return -CDISK_ERR_UNSUPPORTED;
	}
	if (r < 0)
		return cdisk_fail(
			c, -EIO, "the server ended before it was ready: %s", strerror(-r));
	if (ready.result < 0)
		return cdisk_fail(c, ready.result, "the server cannot serve the volume: %s",
			ready.message[0] ? ready.message : strerror(-ready.result));
	*ret_locked = ready.memory_locked != 0;
	return 0;
}

int cdisk_server_keep(struct cdisk *c, struct cdisk_server *s, const char *instance, bool temporary)
{
	struct kept *k;

	if (!temporary) {
		if (send(s->sock, "k", 1, MSG_NOSIGNAL) != 1)
			return cdisk_fail(c, -EIO, "the server ended: %s", strerror(errno));
		cdisk_close(&s->sock);
		cdisk_close(&s->pidfd);
		return 0;
	}
	k = calloc(1, sizeof(*k));
	if (!k)
		return cdisk_fail(c, -ENOMEM, "not enough memory for an attachment");
	(void)snprintf(k->instance, sizeof(k->instance), "%s", instance);
	k->sock = cdisk_steal_fd(&s->sock);
	cdisk_close(&s->pidfd);
	pthread_mutex_lock(&kept_lock);
	k->next = kept_list;
	kept_list = k;
	pthread_mutex_unlock(&kept_lock);
	return 0;
}

void cdisk_server_forget(const char *instance)
{
	pthread_mutex_lock(&kept_lock);
	for (struct kept **p = &kept_list; *p; p = &(*p)->next) {
		struct kept *k = *p;

		if (strcmp(k->instance, instance) == 0) {
			*p = k->next;
			close(k->sock);
			free(k);
			break;
		}
	}
	pthread_mutex_unlock(&kept_lock);
}

void cdisk_server_abandon(struct cdisk_server *s)
{
	cdisk_close(&s->sock);
	if (s->pidfd >= 0 && cdisk_process_wait(s->pidfd, END_MS / 4) < 0) {
		(void)syscall(SYS_pidfd_send_signal, s->pidfd, SIGKILL, NULL, 0);
		(void)cdisk_process_wait(s->pidfd, END_MS);
	}
	cdisk_close(&s->pidfd);
}
