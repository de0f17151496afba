/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One guarded change of a header: begin, change ch->image, write, end. */
#ifndef CDISK_CHANGE_H
#define CDISK_CHANGE_H

#include "format/header_write.h"
#include "internal.h"

struct cdisk_change {
	struct cdisk_container *ct; /* its header lock is held */
	int image;		    /* writable memfd: the header as it shall be */
	char *guard;		    /* path of the copy that guards the change; NULL before it */
};

/* Locks the header, reads it as it is now and copies it. */
int cdisk_change_begin(struct cdisk_container *ct, struct cdisk_change *ret_change);

/*
 * Guards, writes, reads back. With secret the new header must open with it (in keyslot, or any for
 * -1) before the guard goes. On failure after the first write the guard stays and is named.
 */
int cdisk_change_write(struct cdisk_change *ch, struct cdisk_secret *secret, int keyslot,
		       uint32_t flags);

void cdisk_change_end(struct cdisk_change *ch);

#endif
