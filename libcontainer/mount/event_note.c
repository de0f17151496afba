// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/event.h"

#include <stdio.h>
#include <string.h>
#include "backend/server.h"

#define WRITE_WAIT_MS 2000

/* The log lies where the attachment does: root may end what another user attached. */
static int log_directory(struct cdisk *c, const struct cdisk_attachment *a, char *ret, size_t size)
{
	const char *slash = a->directory[0] ? strrchr(a->directory, '/') : NULL;
	int n;

	if (slash && slash > a->directory)
		n = snprintf(ret, size, "%.*s", (int)(slash - a->directory), a->directory);
	else if (c->run_dir)
		n = snprintf(ret, size, "%s", c->run_dir);
	else
		return -ENOENT;
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

/* The uid is the kernel's word; what lies at the directory's path now is its owner's. */
static bool is_others(const struct cdisk_attachment *a)
{
	return a->state == CDISK_STATE_FOREIGN || a->uid != geteuid();
}

static void line_fill(struct cdisk_event_line *l, const struct cdisk_attachment *a,
	enum cdisk_event_kind kind, const char *reason)
{
	l->event.kind = kind;
	(void)snprintf(l->event.reason, sizeof(l->event.reason), "%s", reason);
	l->event.generation = cdisk_event_generation(a);
	l->event.volume = *a;
	if (cdisk_event_state(kind))
		l->event.volume.state = cdisk_event_state(kind);
	/* Resumed, it is what it was before it was locked. */
	if (kind == CDISK_EVENT_UNLOCKED && a->mountpoint[0])
		l->event.volume.state = CDISK_STATE_MOUNTED;
	if (l->event.volume.state == CDISK_STATE_UNLOCKED)
		l->event.volume.mountpoint[0] = '\0';
	/* A lazy unmount is over although its key is not gone: nobody is at work on it. */
	if (strcmp(reason, "lazy") == 0) {
		l->by = 0;
		(void)snprintf(l->event.reason, sizeof(l->event.reason), "user");
	}
}

static void line_announce(struct cdisk_event_line *l, const struct cdisk_attachment *a, bool about)
{
	line_fill(l, a, about ? CDISK_EVENT_UNMOUNTING : CDISK_EVENT_UNLOCKED, "user");
	l->event.volume.state = CDISK_STATE_UNLOCKED;
	l->event.volume.mountpoint[0] = '\0';
	l->silent = true;
}

/* Lines that are written in one go, in this order. */
struct note {
	const struct cdisk_attachment *a;
	const enum cdisk_event_kind *kinds; /* NULL = an announcement */
	size_t n;
	const char *reason;
	bool about;
};

static int lines_append(struct cdisk_event_log *log, const struct note *note)
{
	_cleanup_free_ struct cdisk_event_line *l = calloc(1, sizeof(*l));
	int r = l ? 0 : -ENOMEM;

	for (size_t i = 0; i < note->n && r == 0; i++) {
		cdisk_event_writer(l);
		if (note->kinds)
			line_fill(l, note->a, note->kinds[i], note->reason);
		else
			line_announce(l, note->a, note->about);
		r = cdisk_event_log_append(log, l);
	}
	return r;
}

static int note_write(const char *dir, const struct note *note)
{
	_cleanup_event_log_ struct cdisk_event_log log = CDISK_EVENT_LOG_INIT;
	int r;

	/* Where no server of ours has its directory nobody has made it yet. */
	(void)cdisk_run_dir_make(dir);
	r = cdisk_event_log_open(dir, WRITE_WAIT_MS, &log);
	return r < 0 ? r : lines_append(&log, note);
}

static void note_take(struct cdisk *c, const struct note *note)
{
	char dir[CDISK_PATH_SIZE];
	int r = log_directory(c, note->a, dir, sizeof(dir));

	if (r == -ENOENT || (r == 0 && is_others(note->a)))
		return;
	if (r == 0)
		r = note_write(dir, note);
	if (r < 0)
		cdisk_partly(c, "listeners were not told: %s/" CDISK_EVENT_LOG ": %s", dir,
			strerror(-r));
}

void cdisk_event_note(struct cdisk *c, const struct cdisk_attachment *a,
	const enum cdisk_event_kind *kinds, size_t n, const char *reason)
{
	note_take(c, &(struct note){.a = a, .kinds = kinds, .n = n, .reason = reason});
}

void cdisk_event_announce(struct cdisk *c, const struct cdisk_attachment *a, bool about)
{
	note_take(c, &(struct note){.a = a, .n = 1, .about = about});
}

int cdisk_event_write(struct cdisk *c, const struct cdisk_attachment *a, enum cdisk_event_kind kind,
	const char *reason)
{
	if (!a || strcmp(cdisk_event_name(kind), "unknown") == 0)
		return cdisk_fail(c, -EINVAL, "no such event");
	if (reason && strlen(reason) >= sizeof(((struct cdisk_event *)0)->reason))
		return cdisk_fail(c, -EINVAL, "the reason '%s' is too long", reason);
	cdisk_event_note(c, a, &kind, 1, reason ? reason : "user");
	return 0;
}
