/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which volume an argument of the verb events means, and in what state it is. */
#ifndef CLI_EVENTS_H
#define CLI_EVENTS_H

#include <stdbool.h>
#include <cryptdisk/cryptdisk.h>

struct cli;

/* By whatever is known of it; all empty = any volume. */
struct events_filter {
	uint64_t dev, ino; /* of the container */
	char id[CDISK_ID_SIZE];
	const char *prefix; /* beginning of an ID, without dashes */
	const char *label, *name;
	bool any;
	bool global; /* only root's, else only the caller's own */
};

/* vol may be NULL. What is not attached yet may come: only a path that leads nowhere is an error. */
int events_filter_make(struct cli *cli, const char *vol, bool global, struct events_filter *ret);
bool events_filter_fits(const struct events_filter *f, const struct cdisk_attachment *a);

/*
 * Whether a volume that fits is in the state now: 1 and that volume (zeroed where none is attached),
 * 0, or an error. state: a word of --wait.
 */
int events_state_reached(struct cli *cli, const struct events_filter *f, const char *state,
	struct cdisk_attachment *ret_volume);

/* Whether the event brought the state, which may have passed already. */
bool events_state_brought(const struct cdisk_event *event, const char *state);

#endif
