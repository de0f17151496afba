/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a verb failed: the sentence, the object and the advice that the user gets at the end. */
#ifndef CLI_FAILURE_H
#define CLI_FAILURE_H

#define FAILURE_TEXT 2048

struct failure {
	int error; /* negative errno or -CDISK_ERR_*; 0 = none */
	char message[FAILURE_TEXT];
	char object[FAILURE_TEXT];
	char hint[FAILURE_TEXT];
};

struct cdisk;

/* Stores the sentence and returns r. A second call replaces message, object and hint. */
int failure_set(struct failure *f, int r, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void failure_object(struct failure *f, const char *object);
void failure_hint(struct failure *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Keeps what the library said about its failed call, before another call replaces it, and returns
 * r. To be called at once after the call that failed.
 */
int failure_take(struct failure *f, const struct cdisk *c, int r);

#endif
