// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests that wait for the key. They are kept here, not in the workers, who have to go on
 * reading: the request that resumes comes the same way. A signal to whoever waits changes nothing
 * (the kernel tells of it, and nobody here asks): a write that was given back would be lost by a
 * program that does not expect it of a disk. What ends the wait is a resume or the end of the
 * connection.
 */
#include "serve.h"

#include <string.h>

struct held {
	struct held *next;
	struct serve_io io;
	char data[];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct held *first, **last = &first; /* under mutex, in the order of arrival */

int serve_hold(struct serve *s, const struct serve_io *io)
{
	size_t size = io->kind == SERVE_WRITE ? io->size : 0;
	struct held *h = malloc(sizeof(*h) + size);
	bool locked;

	if (!h)
		return -ENOMEM;
	h->next = NULL;
	h->io = *io;
	if (size > 0)
		memcpy(h->data, io->data, size);
	h->io.data = h->data;
	/* A resume unlocks before it takes what is here: whoever sees it locked is not forgotten.
	 */
	pthread_mutex_lock(&mutex);
	locked = cdisk_plain_locked(s->volume);
	if (locked) {
		*last = h;
		last = &h->next;
	}
	pthread_mutex_unlock(&mutex);
	if (!locked)
		free(h);
	return locked;
}

/* The oldest, unless the volume was locked again meanwhile. */
static struct held *held_take(struct serve *s)
{
	struct held *h = NULL;

	pthread_mutex_lock(&mutex);
	if (!cdisk_plain_locked(s->volume))
		h = first;
	if (h) {
		first = h->next;
		if (!first)
			last = &first;
	}
	pthread_mutex_unlock(&mutex);
	return h;
}

void serve_held_go(struct serve *s)
{
	struct held *h;

	while ((h = held_take(s)) != NULL) {
		serve_disk_io(s, &h->io);
		if (h->io.kind == SERVE_WRITE)
			explicit_bzero(h->data, h->io.size);
		free(h);
	}
}
