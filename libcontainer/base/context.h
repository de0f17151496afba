/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct cdisk: what a caller's handle carries through all floors: the message of the last
 * failure, the callbacks and the settings. It is not locked: one handle belongs to one thread.
 */
#ifndef CDISK_BASE_CONTEXT_H
#define CDISK_BASE_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <cryptdisk/cryptdisk.h>

#define CDISK_MESSAGE_MAX 1024

struct cdisk {
	int error; /* of the message; 0 = none */
	char message[CDISK_MESSAGE_MAX];
	char hint[CDISK_MESSAGE_MAX];
	char object[CDISK_MESSAGE_MAX];
	char partial[CDISK_MESSAGE_MAX]; /* of work that was done, but not all of it */
	cdisk_log_fn log;
	void *log_data;
	cdisk_progress_fn progress;
	void *progress_data;
	uint32_t settings; /* CDISK_SET_* */
	char *run_dir;	   /* absolute, owned; where attachments live */
	char *state_dir;   /* absolute, owned; where kept header copies live */
};

/*
 * Stores the sentence that tells why an operation failed and returns r. The floor that knows the
 * reason calls it; callers above pass the number on. A second call replaces message, object and hint.
 */
int cdisk_fail(struct cdisk *c, int r, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* What to do next, and on which object it failed; both belong to the last cdisk_fail(). */
void cdisk_hint(struct cdisk *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cdisk_object(struct cdisk *c, const char *name);

/* The work is done, but something beside it (a link, a notification) is not: no failure of the call.
 * The first sentence stays. */
void cdisk_partly(struct cdisk *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void cdisk_log(struct cdisk *c, enum cdisk_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Reports progress; -ECANCELED when the caller wants the work to stop. total 0 = not known. */
int cdisk_progress(struct cdisk *c, const char *what, uint64_t done, uint64_t total);

#endif
