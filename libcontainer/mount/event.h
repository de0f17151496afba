/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event log of a scope, <run>/events (docs/FORMAT): for listeners, never a source of state. What
 * it says of an attachment decides one thing only: what may still be written about it, so that each
 * arrival and each departure stands in it once.
 */
#ifndef CDISK_MOUNT_EVENT_H
#define CDISK_MOUNT_EVENT_H

#include "base/context.h"
#include "base/util.h"

#define CDISK_EVENT_LINE_MAX 16384
#define CDISK_EVENT_SEQ_MAX (UINT64_C(1) << 53) /* every reader of JSON can hold it */

#define CDISK_EVENT_LOG "events"
#define CDISK_EVENT_LOG_OLD "events.1" /* the one before */
#define CDISK_EVENT_LOCK ".events.lock"

/* ---- event_line.c: one line of the log ---------------------------------------------------- */

/*
 * With what a listener has to know of its writer. seq 0: no event, but what was so at a rotation, or
 * what its writer is about to do.
 */
struct cdisk_event_line {
	struct cdisk_event event;
	bool silent; /* to be written with seq 0 */
	int32_t by; /* process that wrote it; 0 = none that is still at work */
	uint64_t by_start;
	uint64_t pid_ns, mnt_ns; /* of the writer */
};

/*
 * The length with the newline; -ENOBUFS. private: with labels and paths, as many as fit into a line.
 */
int cdisk_event_line_format(
	const struct cdisk_event_line *l, bool private, char *ret_text, size_t size);

/* text: without the newline, NUL-terminated, and anything. -EINVAL: what *ret holds then is nothing. */
int cdisk_event_line_parse(const char *text, struct cdisk_event_line *ret);

/* ---- event_live.c: which attachments the lines of a log leave ------------------------------ */

struct cdisk_event_live_entry {
	char instance[CDISK_ID_SIZE + 8];
	int32_t pid; /* with pid_start and generation: which of those that had this name */
	uint64_t pid_start, generation;
	bool failed;		       /* an I/O error was told */
	struct cdisk_event_line *line; /* the last that changed its state; NULL = it has departed */
};

struct cdisk_event_live {
	struct cdisk_event_live_entry *entries;
	size_t n;
};

/* Lines without an instance, and those that change no state, leave it as it is. -ENOMEM. */
int cdisk_event_live_apply(struct cdisk_event_live *live, const struct cdisk_event_line *l);
/* Departed ones too; NULL. */
struct cdisk_event_live_entry *cdisk_event_live_find(
	const struct cdisk_event_live *live, const char *instance);
bool cdisk_event_live_same(
	const struct cdisk_event_live_entry *entry, const struct cdisk_event *e);
/* What is known of it and a line leaves out, such as paths: into fields that are empty. */
void cdisk_event_texts_keep(struct cdisk_attachment *to, const struct cdisk_attachment *from);
void cdisk_event_live_done(struct cdisk_event_live *live);

/* State of a volume after an event; 0 = the event changes none. */
enum cdisk_state cdisk_event_state(enum cdisk_event_kind kind);

/* ---- event_log.c: the files ---------------------------------------------------------------- */

struct cdisk_event_log {
	int dir, lock, fd;
	bool private; /* a user's own, not the one that everybody reads */
	uint64_t seq; /* the last */
	uint64_t size, carried; /* bytes of the file; of these, lines with seq 0 */
	struct cdisk_event_live live;
};

/*
 * Opens and locks the log in a directory of the caller's own, and reads it. -EACCES when the
 * directory is somebody else's, -ETIMEDOUT when another process holds the lock for wait_ms.
 */
int cdisk_event_log_open(const char *dir, unsigned int wait_ms, struct cdisk_event_log *ret);
void cdisk_event_log_close(struct cdisk_event_log *log);

/*
 * Gives the line its number, time and writer, and appends it, unless it says what must not be said:
 * 0, and seq stays 0. Before an arrival it ends what had this instance's name before.
 */
int cdisk_event_log_append(struct cdisk_event_log *log, struct cdisk_event_line *l);

#define _cleanup_event_log_ CDISK_CLEANUP(cdisk_event_log_close)
#define CDISK_EVENT_LOG_INIT {.dir = -1, .lock = -1, .fd = -1}

/* The namespaces of this process and its own pid, into a line. */
void cdisk_event_writer(struct cdisk_event_line *l);

/* ---- event_note.c: what the public calls say ------------------------------------------------ */

/*
 * n events of one attachment, in this order. Nothing for attachments that are nobody's business
 * (temporary, foreign, another user's). A log that cannot be written to is told by cdisk_partly().
 */
void cdisk_event_note(struct cdisk *c, const struct cdisk_attachment *a,
	const enum cdisk_event_kind *kinds, size_t n, const char *reason);

/*
 * To listeners, not to those they tell: this process is going to detach it (about), or did not. What
 * goes without a word is taken for lost, and where nothing is mounted no event comes before the end.
 */
void cdisk_event_announce(struct cdisk *c, const struct cdisk_attachment *a, bool about);

/* ---- event_module.c ------------------------------------------------------------------------- */

/* Of the module's disk below an attachment; 0 = there is none, or not any more. */
uint64_t cdisk_event_generation(const struct cdisk_attachment *a);

/* ---- event_reader.c: the lines of a log, one after another ---------------------------------- */

struct cdisk_event_reader {
	char *dir;
	int fd;
	uint64_t dev, ino; /* of the file that is open */
	bool ends; /* it was renamed: it only has to be read to its end */
	uint64_t lock; /* inode of the log's lock: another one, and the numbers begin anew */
	bool anew;     /* they did; for the caller to take */
	char *buf;
	size_t len, pos;
	bool skipping; /* inside a line that is too long to be one */
	uint64_t last;	 /* number of the last line that was given */
	uint64_t missed; /* lines that were rotated away before they could be read; for the caller to take */
};

int cdisk_event_reader_init(struct cdisk_event_reader *r, const char *dir);
void cdisk_event_reader_done(struct cdisk_event_reader *r);
/* 1, or 0 = no more for now. -errno: the log cannot be read. */
int cdisk_event_reader_next(struct cdisk_event_reader *r, struct cdisk_event_line *ret_line);

/* ---- event_judge.c: what the kernel says against the log ------------------------------------- */

/*
 * Whether an attachment of the log has ended, or was unmounted, and nobody tells it: the kind of the
 * event that is missing (and why), 0 = none. now: what is attached, n of them.
 */
enum cdisk_event_kind cdisk_event_judge(const struct cdisk_event_live_entry *entry,
	const struct cdisk_attachment *now, size_t n, const char **ret_reason);

/* Whether the process that wrote the entry's last line is still at work on what it announced. */
bool cdisk_event_in_progress(const struct cdisk_event_live_entry *entry);

/* ---- event_watch.c: what wakes a listener up -------------------------------------------------- */

#define CDISK_EVENT_ERRORS 32

struct cdisk_event_watch {
	int epoll, inotify, mounts, ring, uevents, timer;
	int watched; /* inotify watch of the directory, or of the one where it will appear */
	uint64_t ino; /* of the directory that is watched */
	int32_t *pids;
	int *pidfds;
	size_t n_pids;
	/* Generations of the module's disks that told their first I/O error; the oldest go. */
	uint64_t errors[CDISK_EVENT_ERRORS];
	size_t n_errors;
};

int cdisk_event_watch_init(struct cdisk_event_watch *w, const char *dir);
void cdisk_event_watch_done(struct cdisk_event_watch *w);
/* Takes what woke us up off the queues, and watches dir as soon as it is there. */
int cdisk_event_watch_drain(struct cdisk_event_watch *w, const char *dir);
/* The processes whose end says something: servers, and who is at work on something. */
void cdisk_event_watch_processes(
	struct cdisk_event_watch *w, const struct cdisk_event_live *live);
/* Device-mapper and loop devices go without a word in mountinfo. */
void cdisk_event_watch_devices(struct cdisk_event_watch *w);
/* Whether the module told an I/O error of this disk. */
bool cdisk_event_watch_failed(const struct cdisk_event_watch *w, uint64_t generation);
/* Once more after ms, since somebody has the log locked. */
void cdisk_event_watch_again(struct cdisk_event_watch *w, unsigned int ms);

#endif
