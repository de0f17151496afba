// SPDX-License-Identifier: GPL-2.0-or-later
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "signals.h"

static volatile sig_atomic_t stopped, continued;

static void on_stop(int number)
{
	(void)number;
	stopped = 1;
}

static void on_continue(int number)
{
	(void)number;
	continued = 1;
}

int terminal_open(struct terminal *t)
{
	memset(t, 0, sizeof(*t));
	t->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	t->own = t->fd >= 0;
	if (t->own)
		return 0;
	/* A terminal that controls nobody, as some containers have. */
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return -ENXIO;
	t->fd = STDIN_FILENO;
	return 0;
}

void terminal_close(struct terminal *t)
{
	if (t->own)
		(void)close(t->fd);
	t->own = false;
}

static void text_write(struct terminal *t, const char *text)
{
	int fd = t->own ? t->fd : STDERR_FILENO;

	while (*text) {
		ssize_t n = write(fd, text, strlen(text));

		if (n <= 0)
			return;
		text += n;
	}
}

static int prompt_begin(struct terminal *t, int when)
{
	struct termios now = t->saved;

	now.c_lflag |= ICANON | ISIG;
	now.c_iflag |= ICRNL;
	if (t->quiet)
		now.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	if (tcsetattr(t->fd, when, &now) < 0)
		return -EIO;
	text_write(t, t->prompt);
	return 0;
}

/* The rest of a pasted text is thrown away too, or the shell would run it. */
static void prompt_end(struct terminal *t)
{
	(void)tcsetattr(t->fd, TCSAFLUSH, &t->saved);
}

static void handlers_install(struct terminal *t)
{
	struct sigaction sa = {.sa_handler = on_stop};

	stopped = 0;
	continued = 0;
	signals_block(&t->mask);
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGTSTP, &sa, &t->stop);
	sa.sa_handler = on_continue;
	(void)sigaction(SIGCONT, &sa, &t->cont);
}

static void handlers_remove(struct terminal *t)
{
	(void)sigaction(SIGTSTP, &t->stop, NULL);
	(void)sigaction(SIGCONT, &t->cont, NULL);
	signals_restore(&t->mask);
}

/* Ctrl-Z: stops as everybody does, with the echo back, and asks again afterwards. */
static int suspend(struct terminal *t)
{
	prompt_end(t);
	text_write(t, "\n");
	handlers_remove(t);
	(void)raise(SIGTSTP);
	handlers_install(t);
	return prompt_begin(t, TCSAFLUSH);
}

static int after_signal(struct terminal *t)
{
	if (signals_caught())
		return -ECANCELED;
	if (stopped)
		return suspend(t);
	if (continued) {
		continued = 0;
		return prompt_begin(t, TCSADRAIN);
	}
	return 0;
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Until a line can be read: 0 or an error. end 0 = for ever. */
static int line_wait(struct terminal *t, uint64_t end)
{
	for (;;) {
		struct pollfd pfd = {.fd = t->fd, .events = POLLIN};
		uint64_t now = now_ms();
		uint64_t left = end > now ? end - now : 0;
		struct timespec ts = {(time_t)(left / 1000), (long)(left % 1000) * 1000000};
		int n, r;

		r = after_signal(t);
		if (r < 0)
			return r;
		n = ppoll(&pfd, 1, end ? &ts : NULL, &t->mask);
		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -EIO;
	}
}

static int line_read(struct terminal *t, uint64_t end, char *buf, size_t size, size_t *ret_size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t got;
		int r = line_wait(t, end);

		if (r < 0)
			return r;
		got = read(t->fd, buf + n, size - n);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0)
			return -EIO;
		if (got == 0 && n == 0)
			return -ECANCELED;
		n += (size_t)got;
		if (got > 0 && buf[n - 1] != '\n')
			continue;
		*ret_size = got > 0 ? n - 1 : n;
		return 0;
	}
	return -EMSGSIZE;
}

int terminal_read(struct terminal *t, const char *prompt, bool echo, uint64_t timeout_ms, char *buf,
	size_t size, size_t *ret_size)
{
	uint64_t end = timeout_ms ? now_ms() + timeout_ms : 0;
	int r;

	if (end < timeout_ms)
		end = UINT64_MAX; /* longer than time itself is for ever */
	t->prompt = prompt;
	t->quiet = !echo;
	handlers_install(t);
	/* What was typed before the prompt stood there was meant for somebody else. */
	r = tcgetattr(t->fd, &t->saved) < 0 ? -EIO : prompt_begin(t, TCSAFLUSH);
	if (r == 0) {
		r = line_read(t, end, buf, size, ret_size);
		prompt_end(t);
		if (t->quiet || r < 0)
			text_write(t, "\n");
	}
	handlers_remove(t);
	return r;
}
