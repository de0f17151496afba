// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/luks_library.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

/*
 * libcryptsetup cannot be stopped while it derives a key, and leaves secrets in its heap. So it
 * runs in a child that is killed when the caller cancels, and whose memory goes with it.
 */

#define TICK_MS 100

struct sizes {
	uint64_t key, secret;
};

/* The secrets do not survive the fork (MADV_WIPEONFORK): they come through the socket. */
struct sender {
	struct cdisk_secret *parts[2];
	struct sizes sizes;
	size_t part;   /* 0 = sizes, 1 = key, 2 = secret, 3 = all sent */
	size_t offset; /* sent of that part */
};

static int receive_full(int sock, void *buf, size_t size)
{
	uint8_t *p = buf;

	while (size > 0) {
		ssize_t n = recv(sock, p, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

static void child_harden(pid_t parent)
{
	struct rlimit none = {0, 0};

	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

/*
 * libcryptsetup opens the random devices once in a process and relies on those descriptors for
 * ever; the child inherits them from its parent's crypt_load().
 */
static bool is_random_device(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && major(st.st_rdev) == 1 &&
	       (minor(st.st_rdev) == 8 || minor(st.st_rdev) == 9);
}

/* Keeps the two descriptors; 0, 1 and 2 lead to nothing. */
static int child_descriptors(int sock, int image_fd)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int fd;

	if (!dir)
		return -errno;
	for (fd = 0; fd <= 2; fd++)
		if (null < 0 ? close(fd) < 0 && errno != EBADF : dup2(null, fd) < 0)
			return -errno;
	while ((entry = readdir(dir))) {
		fd = (int)strtol(entry->d_name, NULL, 10);
		if (fd > 2 && fd != sock && fd != image_fd && fd != null && fd != dirfd(dir) &&
		    !is_random_device(fd))
			(void)close(fd);
	}
	closedir(dir);
	return 0;
}

static int child_secrets(int sock, struct cdisk_secret **ret_key, struct cdisk_secret **ret_secret)
{
	struct sizes sizes;
	int r = receive_full(sock, &sizes, sizeof(sizes));

	if (r == 0)
		r = cdisk_secret_alloc(sizes.key, ret_key);
	if (r == 0)
		r = cdisk_secret_alloc(sizes.secret, ret_secret);
	if (r == 0)
		r = receive_full(sock, cdisk_secret_data(*ret_key), sizes.key);
	if (r == 0)
		r = receive_full(sock, cdisk_secret_data(*ret_secret), sizes.secret);
	return r;
}

static void child_main(int sock, int image_fd, const struct cdisk_luks_job *job, pid_t parent)
{
	struct cdisk_secret *key = NULL, *secret = NULL;
	struct cdisk_luks_answer answer = {0};
	int r;

	child_harden(parent);
	/* A caller without standard streams may have them in their place. */
	sock = fcntl(sock, F_DUPFD_CLOEXEC, 3);
	image_fd = fcntl(image_fd, F_DUPFD_CLOEXEC, 3);
	r = sock < 0 || image_fd < 0 ? -EMFILE : child_descriptors(sock, image_fd);
	if (r == 0)
		r = child_secrets(sock, &key, &secret);
	if (r < 0) {
		answer.result = r;
		(void)snprintf(answer.message, sizeof(answer.message),
			       "cannot prepare the process that writes the header: %s",
			       strerror(-r));
	} else {
		cdisk_luks_do(image_fd, job, cdisk_secret_data(key), cdisk_secret_size(key),
			      cdisk_secret_data(secret), cdisk_secret_size(secret), &answer);
	}
	(void)send(sock, &answer, sizeof(answer), MSG_NOSIGNAL);
	_exit(0);
}

static void sender_next(struct sender *s, const void **ret_data, size_t *ret_size)
{
	if (s->part == 0) {
		*ret_data = &s->sizes;
		*ret_size = sizeof(s->sizes);
		return;
	}
	*ret_data = cdisk_secret_data(s->parts[s->part - 1]);
	*ret_size = cdisk_secret_size(s->parts[s->part - 1]);
}

/* Sends what the socket takes now. A child that is gone is noticed when its answer is read. */
static void sender_run(int sock, struct sender *s)
{
	const void *data;
	size_t size;

	while (s->part < 3) {
		if (s->part > 0 && !s->parts[s->part - 1]) {
			s->part++;
			continue;
		}
		sender_next(s, &data, &size);
		if (s->offset < size) {
			ssize_t n = send(sock, (const uint8_t *)data + s->offset, size - s->offset,
					 MSG_NOSIGNAL | MSG_DONTWAIT);

			if (n < 0)
				return;
			s->offset += (size_t)n;
			continue;
		}
		s->part++;
		s->offset = 0;
	}
}

/* 0 = the answer is there. */
static int parent_wait(struct cdisk *c, int sock, struct sender *s,
		       struct cdisk_luks_answer *answer)
{
	const char *what = "deriving key";

	for (;;) {
		struct pollfd p = {.fd = sock, .events = POLLIN};
		int r = cdisk_progress(c, what, 0, 0);

		if (r < 0)
			return r;
		sender_run(sock, s);
		if (s->part < 3)
			p.events |= POLLOUT;
		if (poll(&p, 1, TICK_MS) < 0 && errno != EINTR)
			return cdisk_fail(c, -errno, "cannot wait for the header's writer: %s",
					  strerror(errno));
		if (!(p.revents & (POLLIN | POLLHUP | POLLERR)))
			continue;
		r = receive_full(sock, answer, sizeof(*answer));
		if (r < 0)
			return cdisk_fail(c, -ENOMEM,
					  "the process that derives the key was killed; probably "
					  "the memory was not enough");
		answer->message[sizeof(answer->message) - 1] = '\0';
		return 0;
	}
}

static void child_reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int cdisk_luks_child(struct cdisk *c, int image_fd, const struct cdisk_luks_job *job,
		     struct cdisk_secret *key, struct cdisk_secret *secret,
		     struct cdisk_luks_answer *ret_answer)
{
	struct sender s = {.parts = {key, secret}};
	_cleanup_close_ int mine = -1;
	pid_t parent = getpid(), pid;
	int pair[2], r;

	s.sizes.key = key ? cdisk_secret_size(key) : 0;
	s.sizes.secret = secret ? cdisk_secret_size(secret) : 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return cdisk_fail(c, -errno, "cannot make a socket pair: %s", strerror(errno));
	mine = pair[0];
	pid = fork();
	if (pid == 0) {
		close(mine);
		child_main(pair[1], image_fd, job, parent);
	}
	r = pid < 0 ? -errno : 0;
	close(pair[1]);
	if (r < 0)
		return cdisk_fail(c, r, "cannot start a process: %s", strerror(-r));
	r = parent_wait(c, mine, &s, ret_answer);
	if (r < 0)
		(void)kill(pid, SIGKILL);
	child_reap(pid);
	if (r < 0)
		return r;
	if (ret_answer->result < 0)
		return cdisk_fail(c, ret_answer->result, "%s", ret_answer->message);
	return 0;
}
