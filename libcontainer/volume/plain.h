/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an open volume is made of. Only for volume.c and transfer.c. */
#ifndef CDISK_VOLUME_PLAIN_H
#define CDISK_VOLUME_PLAIN_H

#include <stdatomic.h>
#include "volume/lanes.h"
#include "volume/range_lock.h"
#include "volume/volume.h"

/*
 * Segments and size change only in cdisk_plain_resize(), which holds the range lock over
 * everything: whoever holds any range may read them. Starts, kinds and ciphers never change.
 */
struct cdisk_plain {
	struct cdisk_description description;
	struct cdisk_backing *backing;
	struct cdisk_range_lock ranges;
	struct cdisk_lanes lanes;
	_Atomic uint64_t size; /* copy of the description's, for readers without a range */
	_Atomic bool locked;   /* changes only under the range lock over everything */
};

#endif
