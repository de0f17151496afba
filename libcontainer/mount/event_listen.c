// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A listener: the lines of one log in their order, and what is missing in it. What a listener finds
 * missing it writes into the log, under the log's lock and after another look at both, and then reads
 * it there like everybody: so of many listeners one says it, and all of them tell it once.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "mount/event.h"
#include "mount/mount.h"

#define LOCK_MS 100
#define AGAIN_MS 500

struct cdisk_events {
	struct cdisk *c;
	char *dir;
	uint64_t since;  /* what is not newer is not told */
	uint64_t newest; /* number in the log when it was opened */
	struct cdisk_event_reader reader;
	struct cdisk_event_watch watch;
	struct cdisk_event_live live;
};

static int listen_fail(struct cdisk_events *e, int r)
{
	return cdisk_fail(e->c, r, "cannot listen to %s/" CDISK_EVENT_LOG ": %s", e->dir, strerror(-r));
}

static bool is_own(const struct cdisk_events *e)
{
	struct stat st;

	return lstat(e->dir, &st) == 0 && st.st_uid == geteuid();
}

/* ---- what the log leaves out ---------------------------------------------------------------- */

static void volume_complete(struct cdisk_attachment *a, const struct cdisk_attachment *now)
{
	a->audit_session = now->audit_session;
	a->session_keyring = now->session_keyring;
	a->mnt_ns = now->mnt_ns;
	if (!a->memory[0])
		memcpy(a->memory, now->memory, sizeof(a->memory));
	if (!a->session[0])
		memcpy(a->session, now->session, sizeof(a->session));
	if (!a->directory[0])
		memcpy(a->directory, now->directory, sizeof(a->directory));
	if (!a->size)
		a->size = now->size;
	memcpy(a->link, now->link, sizeof(a->link));
	cdisk_event_texts_keep(a, now);
}

/* The global log has no paths and no labels: here is what this listener may see of them. */
static void seen_fill(struct cdisk_events *e, struct cdisk_attachment *a, bool ask)
{
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	int n = cdisk_state_list(e->c, CDISK_LIST_ALL | (ask ? CDISK_LIST_DETAILS : 0), &list);

	for (int i = 0; i < n; i++)
		if (strcmp(list[i].instance, a->instance) == 0 && list[i].uid == a->uid &&
			list[i].pid == a->pid && list[i].pid_start == a->pid_start)
			volume_complete(a, &list[i]);
}

static bool is_worth_a_look(const struct cdisk_event *event)
{
	switch (event->kind) {
	case CDISK_EVENT_ARRIVED:
	case CDISK_EVENT_UNLOCKED:
	case CDISK_EVENT_LINKED:
	case CDISK_EVENT_MOUNTED:
		return event->volume.uid == 0 && event->volume.instance[0];
	default:
		return false;
	}
}

/* Locked for a while it may be mounted all the same. */
static bool is_mounted(const struct cdisk_event *event)
{
	return event->volume.state == CDISK_STATE_MOUNTED || event->kind == CDISK_EVENT_LOCKED;
}

/* With what is known of it from before, and without the places where it is not any more. */
static void event_complete(struct cdisk_events *e, struct cdisk_event *event)
{
	struct cdisk_event_live_entry *entry = cdisk_event_live_find(&e->live, event->volume.instance);
	struct cdisk_attachment *a = &event->volume;

	if (entry && entry->line && cdisk_event_live_same(entry, event))
		cdisk_event_texts_keep(a, &entry->line->event.volume);
	/* Servers are asked about what is new only. */
	if (is_worth_a_look(event))
		seen_fill(e, a, event->seq > e->newest);
	if (event->kind == CDISK_EVENT_DEPARTED)
		a->disk[0] = a->node[0] = a->link[0] = a->directory[0] = '\0';
	if (!is_mounted(event))
		a->mountpoint[0] = '\0';
}

/* ---- what nobody told ----------------------------------------------------------------------- */

static void missing_fill(struct cdisk_event_line *l, const struct cdisk_event_live_entry *entry,
	enum cdisk_event_kind kind, const char *reason)
{
	*l = *entry->line;
	l->event.seq = 0;
	l->event.kind = kind;
	(void)snprintf(l->event.reason, sizeof(l->event.reason), "%s", reason);
	if (cdisk_event_state(kind))
		l->event.volume.state = cdisk_event_state(kind);
	if (kind == CDISK_EVENT_DEPARTED || kind == CDISK_EVENT_UNMOUNTED)
		l->event.volume.mountpoint[0] = '\0';
	if (kind == CDISK_EVENT_READ_ONLY)
		l->event.volume.read_only = 1;
	cdisk_event_writer(l);
	/* It only tells: nobody is at work on it. */
	l->by = 0;
	l->by_start = 0;
}

static enum cdisk_event_kind entry_judge(struct cdisk_events *e,
	const struct cdisk_event_live_entry *entry, const struct cdisk_attachment *now, size_t n,
	const char **ret_reason)
{
	enum cdisk_event_kind kind = cdisk_event_judge(entry, now, n, ret_reason);

	if (!entry->line || entry->failed || !cdisk_event_watch_failed(&e->watch, entry->generation))
		return kind;
	*ret_reason = "error";
	return CDISK_EVENT_ERROR;
}

/* The first entry that something is missing of; 0 = of none. */
static int missing_find(
	struct cdisk_events *e, const struct cdisk_event_live *live, struct cdisk_event_line *l)
{
	_cleanup_free_ struct cdisk_attachment *now = NULL;
	const char *reason = "";
	int n;

	if (live->n == 0)
		return 0;
	n = cdisk_state_list(e->c, CDISK_LIST_ALL, &now);
	if (n < 0)
		return n;
	for (size_t i = 0; i < live->n; i++) {
		enum cdisk_event_kind kind =
			entry_judge(e, &live->entries[i], now, (size_t)n, &reason);

		if (kind) {
			missing_fill(l, &live->entries[i], kind, reason);
			return 1;
		}
	}
	return 0;
}

/*
 * Under the lock, looked at anew: whoever ends something says so before, so what is gone while the log
 * does not tell of it will not be told by anybody.
 */
static int missing_write(struct cdisk_events *e, struct cdisk_event_line *l)
{
	_cleanup_event_log_ struct cdisk_event_log log = CDISK_EVENT_LOG_INIT;
	int r = cdisk_event_log_open(e->dir, LOCK_MS, &log);

	while (r == 0) {
		r = missing_find(e, &log.live, l);
		if (r <= 0)
			return r;
		r = cdisk_event_log_append(&log, l);
	}
	return r;
}

/* ---- the stream ----------------------------------------------------------------------------- */

/* 1 = it is to be told. */
static int line_tell(struct cdisk_events *e, struct cdisk_event_line *l, struct cdisk_event *ret_event)
{
	struct cdisk_event_live_entry *entry =
		cdisk_event_live_find(&e->live, l->event.volume.instance);
	/* The end that this listener found itself, now from somebody who may write it. */
	bool known = l->event.kind == CDISK_EVENT_DEPARTED && entry && !entry->line &&
		     cdisk_event_live_same(entry, &l->event);
	bool wanted = l->event.kind && !known && (l->event.seq == 0 || l->event.seq > e->since);
	int r;

	if (wanted)
		event_complete(e, &l->event);
	r = cdisk_event_live_apply(&e->live, l);
	if (r < 0 || !wanted)
		return r;
	*ret_event = l->event;
	return 1;
}

/* Lines with number 0 in the log only say what is attached. */
static int log_next(struct cdisk_events *e, struct cdisk_event_line *l, struct cdisk_event *ret_event)
{
	int r;

	while ((r = cdisk_event_reader_next(&e->reader, l)) > 0) {
		if (e->reader.anew)
			e->since = e->newest = 0;
		e->reader.anew = false;
		if (e->reader.missed && l->event.seq > e->newest)
			cdisk_log(e->c, CDISK_LOG_WARNING,
				"%llu events before number %llu are lost: the log was rotated twice",
				(unsigned long long)e->reader.missed,
				(unsigned long long)l->event.seq);
		e->reader.missed = 0;
		if (l->event.seq == 0)
			r = cdisk_event_live_apply(&e->live, l);
		else
			r = line_tell(e, l, ret_event);
		if (r != 0)
			return r;
	}
	return r;
}

static void watches_renew(struct cdisk_events *e)
{
	cdisk_event_watch_processes(&e->watch, &e->live);
	for (size_t i = 0; i < e->live.n; i++)
		if (e->live.entries[i].line && !e->live.entries[i].pid)
			cdisk_event_watch_devices(&e->watch);
}

/*
 * Something is missing: it is written into one's own log, to be read there, and otherwise told by this
 * listener alone, if what was said in the meantime does not tell it. 1 = told.
 */
static int missing_tell(struct cdisk_events *e, struct cdisk_event_line *l,
	struct cdisk_event *ret_event, bool *tried, bool *ret_again)
{
	int r;

	*ret_again = !*tried;
	if (*tried)
		return line_tell(e, l, ret_event);
	*tried = true;
	r = is_own(e) ? missing_write(e, l) : 0;
	if (r == -ETIMEDOUT) {
		*ret_again = false;
		cdisk_event_watch_again(&e->watch, AGAIN_MS);
		return 0;
	}
	if (r < 0)
		cdisk_log(e->c, CDISK_LOG_WARNING, "%s/" CDISK_EVENT_LOG " cannot be written: %s",
			e->dir, strerror(-r));
	return 0;
}

int cdisk_events_next(struct cdisk_events *e, struct cdisk_event *ret_event)
{
	_cleanup_free_ struct cdisk_event_line *l = malloc(sizeof(*l));
	bool tried = false, again = true;
	int r;

	if (!l)
		return listen_fail(e, -ENOMEM);
	r = cdisk_event_watch_drain(&e->watch, e->dir);
	while (r == 0 && again) {
		r = log_next(e, l, ret_event);
		if (r != 0)
			break;
		/* Before the look at the kernel, so that no end falls between both. */
		watches_renew(e);
		r = missing_find(e, &e->live, l);
		if (r <= 0)
			break;
		r = missing_tell(e, l, ret_event, &tried, &again);
	}
	return r < 0 ? listen_fail(e, r) : r;
}

int cdisk_events_fd(const struct cdisk_events *e)
{
	return e->watch.epoll;
}

/* The numbers that the log holds; 0 and 0 = none. */
static int numbers_find(struct cdisk_events *e, uint64_t *ret_first, uint64_t *ret_last)
{
	_cleanup_free_ struct cdisk_event_line *l = malloc(sizeof(*l));
	struct cdisk_event_reader reader;
	int r = cdisk_event_reader_init(&reader, e->dir);

	*ret_first = *ret_last = 0;
	if (!l)
		r = -ENOMEM;
	while (r == 0) {
		r = cdisk_event_reader_next(&reader, l);
		if (r <= 0)
			break;
		if (l->event.seq && !*ret_first)
			*ret_first = l->event.seq;
		if (l->event.seq)
			*ret_last = l->event.seq;
		r = 0;
	}
	cdisk_event_reader_done(&reader);
	return r;
}

static int start_find(struct cdisk_events *e, uint64_t since)
{
	uint64_t first, last;
	int r = numbers_find(e, &first, &last);

	if (r < 0)
		return r;
	e->newest = last;
	e->since = since == CDISK_EVENTS_NOW ? last : since;
	if (since == CDISK_EVENTS_NOW)
		return 0;
	if (since > last) {
		cdisk_log(e->c, CDISK_LOG_WARNING,
			"the log has no event %llu, its last is %llu: everything that it holds follows",
			(unsigned long long)since, (unsigned long long)last);
		e->since = 0;
	} else if (first > since + 1) {
		cdisk_log(e->c, CDISK_LOG_WARNING,
			"events %llu to %llu are no longer in the log",
			(unsigned long long)since + 1, (unsigned long long)first - 1);
	}
	return 0;
}

int cdisk_events_open(
	struct cdisk *c, const char *run_dir, uint64_t since, struct cdisk_events **ret_events)
{
	struct cdisk_events *e;
	int r;

	if (!run_dir)
		run_dir = c->run_dir;
	if (!run_dir || run_dir[0] != '/')
		return cdisk_fail(c, -EINVAL, "no directory to listen in");
	if (since != CDISK_EVENTS_NOW && since > CDISK_EVENT_SEQ_MAX)
		return cdisk_fail(c, -EINVAL, "%llu is no number of an event", (unsigned long long)since);
	e = calloc(1, sizeof(*e));
	if (!e)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	e->c = c;
	e->dir = strdup(run_dir);
	r = e->dir ? cdisk_event_reader_init(&e->reader, run_dir) : -ENOMEM;
	if (r == 0)
		r = cdisk_event_watch_init(&e->watch, run_dir);
	if (r == 0)
		r = start_find(e, since);
	if (r < 0) {
		r = cdisk_fail(c, r, "cannot listen to %s/" CDISK_EVENT_LOG ": %s", run_dir, strerror(-r));
		cdisk_events_close(e);
		return r;
	}
	*ret_events = e;
	return 0;
}

void cdisk_events_close(struct cdisk_events *e)
{
	if (!e)
		return;
	cdisk_event_watch_done(&e->watch);
	cdisk_event_reader_done(&e->reader);
	cdisk_event_live_done(&e->live);
	cdisk_cleanup_free(&e->dir);
	free(e);
}
