/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts cryptdisk-serve for tests and benchmarks, as a backend does: socket, process, /dev/fuse,
 * mount(2), start message. Needs root. The program is $CRYPTDISK_SERVE, else the one of the build
 * that this test belongs to.
 */
#ifndef CDISK_TESTS_SERVE_HARNESS_H
#define CDISK_TESTS_SERVE_HARNESS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/serve_link.h"

struct served {
	char dir[64];  /* mount point, made by serve_launch() */
	char disk[96]; /* <dir>/disk */
	pid_t pid;
	int sock;
	struct cdisk_serve_ready ready;
};

static inline const char *serve_program(void)
{
	static char path[4096];
	const char *from_env = getenv("CRYPTDISK_SERVE");
	ssize_t n;
	char *slash;

	if (from_env)
		return from_env;
	/* <build>/tests/test_x, <build>/bin/test_x or <build>/test_x: the first that fits */
	n = readlink("/proc/self/exe", path, sizeof(path) - 64);
	if (n < 0)
		return "cryptdisk-serve";
	path[n] = '\0';
	while ((slash = strrchr(path, '/')) != NULL) {
		(void)strcpy(slash, "/libexec/cryptdisk/cryptdisk-serve");
		if (access(path, X_OK) == 0)
			return path;
		*slash = '\0';
	}
	return "cryptdisk-serve";
}

/* NULL, or why no server can be started here. */
static inline const char *serve_missing(void)
{
	int fd;

#if defined(__SANITIZE_ADDRESS__)
	return "the address sanitizer cannot work in the server's sandbox";
#endif
	if (geteuid() != 0)
		return "not root";
	if (access(serve_program(), X_OK) < 0)
		return "cryptdisk-serve is not built (CRYPTDISK_SERVE)";
	fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return "/dev/fuse cannot be opened";
	close(fd);
	return NULL;
}

/* The process, with the socket at its place and nothing else. */
static inline int serve_spawn(struct served *v)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	v->pid = fork();
	if (v->pid == 0) {
		if (pair[1] == CDISK_SERVE_SOCKET)
			(void)fcntl(pair[1], F_SETFD, 0);
		else
			(void)dup2(pair[1], CDISK_SERVE_SOCKET);
		(void)execl(serve_program(), "cryptdisk-serve", (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	v->sock = pair[0];
	return v->pid < 0 ? -errno : 0;
}

/* Mounts a new directory of the harness's own; the descriptor is to be handed over and closed. */
static inline int serve_mount(struct served *v, const char *source)
{
	char options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	(void)strcpy(v->dir, "/tmp/cryptdisk-served-XXXXXX");
	if (!mkdtemp(v->dir)) {
		close(fd);
		return -errno;
	}
	(void)snprintf(v->disk, sizeof(v->disk), "%s/disk", v->dir);
	(void)snprintf(options, sizeof(options),
		"fd=%d,rootmode=40000,user_id=0,group_id=0,max_read=1048576", fd);
	if (mount(source, v->dir, "fuse.cryptdisk", MS_NOSUID | MS_NODEV, options) < 0) {
		int r = -errno;

		(void)rmdir(v->dir);
		close(fd);
		return r;
	}
	return fd;
}

/* Waits for the server's answer: what it says, or -EPIPE when it ended without one. */
static inline int serve_wait_ready(struct served *v)
{
	ssize_t n = recv(v->sock, &v->ready, sizeof(v->ready), 0);

	if (n != sizeof(v->ready) || v->ready.magic != CDISK_SERVE_MAGIC)
		return -EPIPE;
	return v->ready.result;
}

/* Exit status, 128 + signal, or -ETIMEDOUT. */
static inline int serve_wait_exit(struct served *v, int timeout_ms)
{
	int pidfd = (int)syscall(SYS_pidfd_open, v->pid, 0), status;
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	int n = poll(&p, 1, timeout_ms);

	close(pidfd);
	if (n <= 0)
		return -ETIMEDOUT;
	if (waitpid(v->pid, &status, 0) != v->pid)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline void serve_keep(struct served *v)
{
	(void)send(v->sock, "k", 1, MSG_NOSIGNAL);
	close(v->sock);
	v->sock = -1;
}

/* Unmounts and waits for the server's end; its exit status or an error. */
static inline int serve_stop(struct served *v)
{
	int r = 0;

	if (umount2(v->dir, 0) < 0)
		r = -errno;
	if (r == -EBUSY)
		return r;
	(void)rmdir(v->dir);
	r = serve_wait_exit(v, 10000);
	if (v->sock >= 0)
		close(v->sock);
	return r;
}

/*
 * All of it. d is not changed: its key is sent, and stays the caller's. On failure nothing is left
 * but v->ready, which says why.
 */
static inline int serve_launch(struct served *v, const struct cdisk_description *d, int backing,
	uint32_t flags)
{
	struct cdisk_serve_start start = {.flags = flags, .uid = geteuid(), .name = "test",
		.path = "/nowhere/test.img", .backing = "file"};
	int fds[2], r;

	memset(v, 0, sizeof(*v));
	start.description = *d;
	r = serve_spawn(v);
	if (r < 0)
		return r;
	fds[0] = serve_mount(v, "cryptdisk:test");
	fds[1] = backing;
	if (fds[0] < 0) {
		close(v->sock);
		(void)serve_wait_exit(v, 10000);
		return fds[0];
	}
	r = cdisk_serve_send(v->sock, &start, fds, d->key);
	close(fds[0]); /* from now on the server alone holds the connection */
	if (r == 0)
		r = serve_wait_ready(v);
	if (r < 0) {
		close(v->sock);
		v->sock = -1;
		(void)umount2(v->dir, MNT_DETACH);
		(void)rmdir(v->dir);
		(void)serve_wait_exit(v, 10000);
	}
	return r;
}

#endif
