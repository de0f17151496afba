// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cli.h"
#include "events.h"
#include "message.h"
#include "scope.h"
#include "signals.h"
#include "text.h"
#include "volume.h"

#define LINE 16384

struct listening {
	struct cli *cli;
	struct cdisk_events *events;
	struct events_filter filter;
	const char *state; /* --wait, or NULL */
	uint64_t end;      /* of --timeout; 0 = none */
	struct cdisk_attachment volume; /* that is in the state */
};

static void cleanup_events(struct cdisk_events **e)
{
	cdisk_events_close(*e);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* A reader that takes its time holds us up; meanwhile the log keeps what comes. */
static int all_write(const char *text, size_t size)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	while (size > 0) {
		ssize_t n = write(STDOUT_FILENO, text, size);

		if (n >= 0) {
			text += n;
			size -= (size_t)n;
		} else if (errno == EAGAIN) {
			(void)poll(&out, 1, -1);
		} else if (errno != EINTR) {
			return -errno;
		}
		if (signals_caught())
			return -EINTR;
	}
	return 0;
}

static int json_print(struct listening *l, const struct cdisk_event *e)
{
	struct output *o = l->cli->out;
	char *line;
	int r;

	if (e->seq)
		output_number(o, "seq", e->seq);
	else
		output_null(o, "seq");
	output_text(o, "time", e->time);
	output_text(o, "event", cdisk_event_name(e->kind));
	output_text(o, "reason", e->reason);
	volume_output(l->cli, "volume", &e->volume, NULL);
	line = output_line_take(o);
	if (!line)
		return -ENOMEM;
	r = all_write(line, strlen(line));
	free(line);
	return r;
}

static int text_print(const struct cdisk_event *e)
{
	const struct cdisk_attachment *a = &e->volume;
	const char *place = a->mountpoint[0] ? a->mountpoint : a->file[0] ? a->file : a->disk;
	char line[LINE], id[CDISK_ID_SIZE], seq[24] = "-";
	size_t n;

	if (e->seq)
		(void)snprintf(seq, sizeof(seq), "%llu", (unsigned long long)e->seq);
	(void)snprintf(line, sizeof(line), "%s %5s  %-12s %-20s %-11s %s", e->time, seq,
		cdisk_event_name(e->kind), volume_title(a, id), e->reason[0] ? e->reason : "-",
		place[0] ? place : "-");
	message_clean_line(line);
	n = strlen(line);
	line[n < sizeof(line) - 1 ? n++ : n - 1] = '\n';
	return all_write(line, n);
}

/* 1 = the state that was waited for was there. */
static int event_take(struct listening *l, const struct cdisk_event *e)
{
	if (!events_filter_fits(&l->filter, &e->volume))
		return 0;
	if (l->state) {
		if (!events_state_brought(e, l->state))
			return 0;
		l->volume = e->volume;
		return 1;
	}
	return output_is_json(l->cli->out) ? json_print(l, e) : text_print(e);
}

static int queue_take(struct listening *l)
{
	_cleanup_free_ struct cdisk_event *e = malloc(sizeof(*e));
	int r;

	if (!e)
		return cli_fail(l->cli, -ENOMEM, "out of memory");
	while ((r = cdisk_events_next(l->events, e)) > 0) {
		r = event_take(l, e);
		if (r != 0)
			return r;
	}
	return r < 0 ? cli_take(l->cli, r) : 0;
}

/* 0 = something happened, 1 = the time is over, -EPIPE: nobody reads any more. */
static int something_wait(const struct listening *l)
{
	struct pollfd fds[] = {
		{.fd = cdisk_events_fd(l->events), .events = POLLIN},
		{.fd = l->state ? -1 : STDOUT_FILENO},
	};
	uint64_t now = now_ms();
	int wait = -1;

	if (l->end && now >= l->end)
		return 1;
	if (l->end)
		wait = l->end - now > INT_MAX ? INT_MAX : (int)(l->end - now);
	if (poll(fds, 2, wait) < 0)
		return errno == EINTR ? 0 : -errno;
	return fds[1].revents & (POLLERR | POLLNVAL) ? -EPIPE : 0;
}

/* Interrupting it, or leaving it, is how a stream ends. */
static int stream_run(struct listening *l)
{
	int r;

	for (;;) {
		r = queue_take(l);
		if (r == 0 && !signals_caught())
			r = something_wait(l);
		if (signals_caught() || r == -EPIPE || r == 1)
			return 0;
		if (r < 0 && l->cli->failure.error != r)
			return cli_fail(l->cli, r, "the events cannot be written: %s", strerror(-r));
		if (r < 0)
			return r;
	}
}

static int timeout_fail(struct listening *l)
{
	const char *vol = cli_arg(l->cli, 0);

	if (!vol)
		return cli_fail(l->cli, -ETIMEDOUT, "no volume is %s yet", l->state);
	(void)cli_fail(l->cli, -ETIMEDOUT, "is not %s yet", l->state);
	cli_object(l->cli, vol);
	return -ETIMEDOUT;
}

/* Also seen in what is attached, since not everything that changes a state writes an event. */
static int wait_run(struct listening *l)
{
	int r;

	for (;;) {
		r = events_state_reached(l->cli, &l->filter, l->state, &l->volume);
		if (r == 0)
			r = queue_take(l);
		if (r != 0)
			return r < 0 ? r : 0;
		r = signals_caught() ? 0 : something_wait(l);
		if (signals_caught())
			return cli_fail(l->cli, -ECANCELED, "cancelled");
		if (r < 0)
			return cli_fail(l->cli, r, "cannot wait: %s", strerror(-r));
		if (r > 0)
			return timeout_fail(l);
	}
}

static int state_check(struct cli *cli, const char *state)
{
	static const char *const later[] = {"configured", "mounted-elsewhere", "missing-media"};
	size_t i;

	for (i = 0; state && i < sizeof(later) / sizeof(later[0]); i++)
		if (strcmp(state, later[i]) == 0)
			return cli_fail(cli, -CDISK_ERR_UNSUPPORTED,
				"no volume gets into the state %s in this version", state);
	if (state && opt_set(cli, OPT_SINCE))
		return cli_fail(cli, -EINVAL, "only one of --wait and --since can be given");
	return 0;
}

static int wait_output(struct listening *l)
{
	output_text(l->cli->out, "state", l->state);
	if (l->volume.id[0])
		volume_output(l->cli, "volume", &l->volume, NULL);
	else
		output_null(l->cli->out, "volume");
	return 0;
}

static int listen_run(struct listening *l)
{
	int r;

	if (!l->state)
		return stream_run(l);
	r = wait_run(l);
	return r < 0 ? r : wait_output(l);
}

int verb_events(struct cli *cli)
{
	_cleanup_free_ struct listening *l = calloc(1, sizeof(*l));
	__attribute__((cleanup(cleanup_events))) struct cdisk_events *events = NULL;
	const char *scope, *folder;
	int r;

	if (!l)
		return cli_fail(cli, -ENOMEM, "out of memory");
	l->cli = cli;
	l->state = opt_text(cli, OPT_WAIT_STATE);
	if (opt_set(cli, OPT_TIMEOUT))
		l->end = now_ms() + opt_number(cli, OPT_TIMEOUT, 0);
	r = state_check(cli, l->state);
	if (r == 0)
		r = scope_listen(cli, &scope, &folder);
	if (r == 0)
		r = events_filter_make(cli, cli_arg(cli, 0), strcmp(scope, "global") == 0, &l->filter);
	if (r < 0)
		return r;
	r = cdisk_events_open(
		cli->c, folder, opt_number(cli, OPT_SINCE, CDISK_EVENTS_NOW), &events);
	if (r < 0)
		return cli_take(cli, r);
	l->events = events;
	if (l->state) {
		message_note(cli, "waiting for the state %s", l->state);
	} else {
		output_lines(cli->out);
		message_note(cli, "listening to the %s scope in %s/events", scope, folder);
	}
	return listen_run(l);
}
