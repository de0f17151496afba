// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/format.h"

#include <string.h>
#include "format/luks.h"

const struct cdisk_format *const cdisk_formats[] = {
	&cdisk_format_luks1,
	&cdisk_format_luks2,
	NULL,
};

/* A header that is broken where the file could not be read is not called damaged. */
static int load_failed(struct cdisk *c, const struct cdisk_header *h, int r)
{
	if (r == -CDISK_ERR_CORRUPT && h->unreadable_end > h->unreadable_start)
		return cdisk_fail(c, -EIO, "the header cannot be read: %s (at byte %llu)",
				  strerror(EIO), (unsigned long long)h->unreadable_start);
	return r;
}

int cdisk_format_load(struct cdisk *c, const struct cdisk_header *h,
		      struct cdisk_loaded *ret_loaded)
{
	const struct cdisk_format *const *format;

	for (format = cdisk_formats; *format; format++) {
		struct cdisk_loaded l = {.format = *format};
		int r = (*format)->probe(h);

		if (r < 0)
			return cdisk_fail(c, r, "cannot read the copy of the header: %s",
					  strerror(-r));
		if (r == 0)
			continue;
		r = (*format)->load(c, h, &l);
		if (r < 0) {
			cdisk_format_done(&l);
			return load_failed(c, h, r);
		}
		*ret_loaded = l;
		return 0;
	}
	if (h->unreadable_end > h->unreadable_start)
		return load_failed(c, h, -CDISK_ERR_CORRUPT);
	return cdisk_fail(c, -CDISK_ERR_NOT_CONTAINER, "no container format was recognised");
}

void cdisk_format_done(struct cdisk_loaded *l)
{
	if (l->format && l->format->done)
		l->format->done(l);
	memset(l, 0, sizeof(*l));
}
