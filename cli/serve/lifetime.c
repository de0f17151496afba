// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When the server ends: with its mount; on a signal, but never while `disk` is open, since what
 * lies above it would lose data; and when the program that wanted a temporary server is gone.
 */
#include "serve.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

int serve_life_init(struct serve *s)
{
	sigset_t signals;

	(void)pthread_mutex_init(&s->life, NULL);
	(void)pthread_mutex_init(&s->control, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	/* Threads inherit the mask: signals are read in one place. */
	(void)sigfillset(&signals);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	s->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signal_fd < 0)
		return cdisk_fail(&s->c, -errno, "signalfd");
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake_fd < 0)
		return cdisk_fail(&s->c, -errno, "eventfd");
	return 0;
}

void serve_wake(struct serve *s)
{
	const uint64_t one = 1;

	/* Fails only when the counter is full, and then main is awake anyway. */
	if (write(s->wake_fd, &one, sizeof(one)) < 0)
		return;
}

bool serve_disk_opened(struct serve *s)
{
	bool open;

	pthread_mutex_lock(&s->life);
	open = !s->ending;
	if (open)
		s->disk_opens++;
	pthread_mutex_unlock(&s->life);
	return open;
}

void serve_disk_released(struct serve *s)
{
	bool last;

	pthread_mutex_lock(&s->life);
	last = --s->disk_opens == 0;
	pthread_mutex_unlock(&s->life);
	if (last)
		serve_wake(s);
}

/* From here on nobody can open `disk`, unless it is open now: then nothing changes. */
static bool life_try_end(struct serve *s)
{
	pthread_mutex_lock(&s->life);
	if (s->disk_opens == 0)
		s->ending = true;
	pthread_mutex_unlock(&s->life);
	return s->ending;
}

static bool life_signalled(struct serve *s)
{
	struct signalfd_siginfo info;
	bool any = false;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info))
		any = true;
	return any && life_try_end(s);
}

static bool life_woken(struct serve *s)
{
	uint64_t count;

	if (read(s->wake_fd, &count, sizeof(count)) < 0)
		return false;
	if (atomic_load(&s->workers_running) == 0)
		return true;
	return s->temporary_over && life_try_end(s);
}

/* One byte 'k': keep running. The end of the socket without it: the program is gone. */
static bool life_told(struct serve *s)
{
	char byte = 0;
	ssize_t n = read(s->socket_fd, &byte, 1);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	cdisk_close(&s->socket_fd);
	s->temporary_over = !(n == 1 && byte == 'k');
	return s->temporary_over && life_try_end(s);
}

void serve_life_wait(struct serve *s)
{
	bool end = false;

	while (!end) {
		/* poll() passes over a negative descriptor */
		struct pollfd fds[] = {
			{.fd = s->signal_fd, .events = POLLIN},
			{.fd = s->wake_fd, .events = POLLIN},
			{.fd = s->socket_fd, .events = POLLIN},
		};

		if (poll(fds, CDISK_ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[0].revents)
			end = life_signalled(s);
		if (fds[1].revents && !end)
			end = life_woken(s);
		if (fds[2].revents && !end)
			end = life_told(s);
	}
}

/*
 * Either all workers have ended with the connection, or `disk` is closed for good and what is left
 * to come goes through serve_volume_enter().
 */
int serve_life_end(struct serve *s)
{
	int r;

	if (atomic_load(&s->workers_running) == 0)
		serve_workers_join();
	pthread_mutex_lock(&s->control);
	r = cdisk_plain_flush(s->volume);
	cdisk_plain_close(s->volume);
	s->volume = NULL;
	s->closed = true;
	pthread_mutex_unlock(&s->control);
	return r;
}

int serve_volume_enter(struct serve *s)
{
	pthread_mutex_lock(&s->control);
	if (!s->closed)
		return 0;
	pthread_mutex_unlock(&s->control);
	return -ESHUTDOWN;
}

void serve_volume_leave(struct serve *s)
{
	pthread_mutex_unlock(&s->control);
}
