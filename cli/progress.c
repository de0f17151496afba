// SPDX-License-Identifier: GPL-2.0-or-later
#include "progress.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cli.h"
#include "signals.h"
#include "size.h"

#define BAR_WIDTH 30
#define BAR_AFTER_MS 400 /* quick work shows no bar at all */
#define BAR_EVERY_MS 100
#define LINE_EVERY_MS 250

static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void progress_init(struct progress *p)
{
	memset(p, 0, sizeof(*p));
	p->fd = -1;
}

int progress_start(struct cli *cli)
{
	struct progress *p = &cli->progress;
	uint64_t fd = opt_number(cli, OPT_PROGRESS_FD, STDERR_FILENO);

	p->command = verb_title(cli->verb);
	if (opt_set(cli, OPT_PROGRESS_FD) || opt_set(cli, OPT_PROGRESS_JSON)) {
		if (fd > INT_MAX || fcntl((int)fd, F_GETFD) < 0)
			return cli_fail(cli, -EBADF, "descriptor %llu of --progress-fd is not open",
				(unsigned long long)fd);
		if (fd == STDOUT_FILENO && opt_set(cli, OPT_JSON))
			return cli_fail(cli, -EINVAL,
				"--progress-fd 1 would mix progress into the document of --json");
		if (fd > STDERR_FILENO)
			(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
		p->fd = (int)fd;
		return 0;
	}
	p->bar = isatty(STDERR_FILENO) && !opt_set(cli, OPT_QUIET);
	return 0;
}

void progress_clear(struct progress *p)
{
	if (!p->shown)
		return;
	(void)fputs("\r\033[K", stderr);
	p->shown = false;
}

static void bar_print(struct progress *p, uint64_t done, uint64_t total, uint64_t elapsed)
{
	static const char spinner[] = "|/-\\";
	char bar[BAR_WIDTH + 1], a[SIZE_TEXT], b[SIZE_TEXT];
	unsigned int filled, percent;

	if (!total) {
		(void)fprintf(
			stderr, "\r\033[K%s %c", p->what, spinner[elapsed / BAR_EVERY_MS % 4]);
		p->shown = true;
		return;
	}
	if (done > total)
		done = total;
	percent = (unsigned int)((double)done * 100 / (double)total);
	filled = percent * BAR_WIDTH / 100;
	memset(bar, ' ', BAR_WIDTH);
	memset(bar, '#', filled);
	bar[BAR_WIDTH] = '\0';
	/* Small totals count steps, not bytes. */
	if (total < 1024 * 1024)
		(void)fprintf(stderr, "\r\033[K%s [%s] %3u %%", p->what, bar, percent);
	else
		(void)fprintf(stderr, "\r\033[K%s [%s] %3u %%  %s of %s", p->what, bar, percent,
			size_format(done, a), size_format(total, b));
	p->shown = true;
}

/* A reader that went away or is slow must not stop the work: what cannot be written is left out. */
static void line_print(struct progress *p, uint64_t done, uint64_t total)
{
	struct pollfd pfd = {.fd = p->fd, .events = POLLOUT};
	char *line = output_progress_line(p->command, p->what, done, total);

	if (line && poll(&pfd, 1, 0) > 0 && write(p->fd, line, strlen(line)) < 0 && errno == EPIPE)
		p->fd = -1;
	free(line);
}

int progress_report(const char *what, uint64_t done, uint64_t total, void *data)
{
	struct progress *p = data;
	uint64_t now = now_ms();
	bool finished = total && done >= total;

	if (strncmp(p->what, what, sizeof(p->what) - 1) != 0) {
		progress_clear(p);
		(void)snprintf(p->what, sizeof(p->what), "%s", what);
		p->begun = now;
		p->last = 0;
	}
	if (p->fd >= 0 && (finished || now - p->last >= LINE_EVERY_MS)) {
		line_print(p, done, total);
		p->last = now;
	} else if (p->bar && finished) {
		progress_clear(p);
	} else if (p->bar && now - p->begun >= BAR_AFTER_MS && now - p->last >= BAR_EVERY_MS) {
		bar_print(p, done, total, now - p->begun);
		p->last = now;
	}
	return signals_caught() != 0;
}
