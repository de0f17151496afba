/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One guarded change of a header: begin, change ch->image, write, end. */
#ifndef CDISK_CHANGE_H
#define CDISK_CHANGE_H

#include "format/header_write.h"
#include "internal.h"

struct cdisk_change {
	struct cdisk_container *ct; /* its header lock is held */
	int image;		    /* writable memfd: the header as it shall be */
	char *guard;		    /* path of the copy that guards the change; NULL = make one */
};

/* Locks the header, reads it as it is now and copies it. */
int cdisk_change_begin(struct cdisk_container *ct, struct cdisk_change *ret_change);

/*
 * Opens the new header in memory (with secret: in keyslot, or any for -1), guards, writes, and reads
 * back what opened. Only the opening can be cancelled, and it comes first. The guard goes when all
 * is done or nothing was changed; otherwise it stays and is named.
 */
int cdisk_change_write(struct cdisk_change *ch, struct cdisk_secret *secret, int keyslot,
		       uint32_t flags);

/* 0 = what is in guard, left by an interrupted change, may go; -CDISK_ERR_CORRUPT = it is needed. */
int cdisk_change_check_leftover(struct cdisk_container *ct, const char *guard);

void cdisk_change_end(struct cdisk_change *ch);

#endif
