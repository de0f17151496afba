// SPDX-License-Identifier: GPL-2.0-or-later
/* The life of an open volume; transfer.c moves the bytes. */
#include "volume/volume.h"

#include <stdlib.h>
#include <string.h>
#include "volume/plain.h"

/* Everything but ownership of key and backing, so that a failure leaves both with the caller. */
static int plain_prepare(struct cdisk_plain *p, const struct cdisk_description *d,
	struct cdisk_backing *backing, unsigned int contexts)
{
	uint64_t backing_size;
	const char *why;
	int r;

	r = backing->ops->size(backing, &backing_size);
	if (r < 0)
		return r;
	r = cdisk_description_check(d, backing_size, &why);
	if (r < 0)
		return r;
	r = cdisk_range_lock_init(&p->ranges);
	if (r < 0)
		return r;
	r = cdisk_lanes_init(&p->lanes, d, contexts);
	if (r < 0)
		cdisk_range_lock_done(&p->ranges);
	return r;
}

int cdisk_plain_open(struct cdisk_description *d, struct cdisk_backing **backing,
	unsigned int contexts, struct cdisk_plain **ret_plain)
{
	_cleanup_free_ struct cdisk_plain *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	r = plain_prepare(p, d, *backing, contexts);
	if (r < 0)
		return r;
	p->description = *d;
	d->key = NULL;
	p->backing = cdisk_steal(backing);
	atomic_init(&p->size, p->description.size);
	atomic_init(&p->locked, false);
	*ret_plain = cdisk_steal(&p);
	return 0;
}

void cdisk_plain_close(struct cdisk_plain *p)
{
	if (!p)
		return;
	cdisk_lanes_done(&p->lanes);
	cdisk_description_done(&p->description);
	cdisk_range_lock_done(&p->ranges);
	p->backing->ops->close(p->backing);
	free(p);
}

uint64_t cdisk_plain_size(const struct cdisk_plain *p)
{
	return atomic_load(&p->size);
}

const struct cdisk_description *cdisk_plain_description(const struct cdisk_plain *p)
{
	return &p->description;
}

struct cdisk_backing *cdisk_plain_backing(const struct cdisk_plain *p)
{
	return p->backing;
}

int cdisk_plain_flush(struct cdisk_plain *p)
{
	return p->backing->ops->flush(p->backing);
}

int cdisk_plain_lock(struct cdisk_plain *p)
{
	struct cdisk_range all = {.start = 0, .end = UINT64_MAX, .exclusive = true};
	int r;

	if (p->lanes.n_ciphers == 0)
		return -EOPNOTSUPP;
	cdisk_range_acquire(&p->ranges, &all);
	r = atomic_load(&p->locked) ? -EALREADY : cdisk_plain_flush(p);
	if (r == 0) {
		cdisk_lanes_wipe(&p->lanes);
		cdisk_description_done(&p->description);
		atomic_store(&p->locked, true);
	}
	cdisk_range_release(&p->ranges, &all);
	return r;
}

int cdisk_plain_unlock(struct cdisk_plain *p, struct cdisk_secret **key)
{
	struct cdisk_range all = {.start = 0, .end = UINT64_MAX, .exclusive = true};
	int r;

	cdisk_range_acquire(&p->ranges, &all);
	r = atomic_load(&p->locked) ? 0 : -EALREADY;
	if (r == 0) {
		p->description.key = *key;
		r = cdisk_lanes_rekey(&p->lanes, &p->description);
		if (r < 0)
			p->description.key = NULL;
	}
	if (r == 0) {
		*key = NULL;
		atomic_store(&p->locked, false);
	}
	cdisk_range_release(&p->ranges, &all);
	return r;
}

bool cdisk_plain_locked(const struct cdisk_plain *p)
{
	return atomic_load(&p->locked);
}

int cdisk_plain_resize(struct cdisk_plain *p)
{
	struct cdisk_range all = {.start = 0, .end = UINT64_MAX, .exclusive = true};
	uint64_t backing_size;
	int r;

	r = p->backing->ops->size(p->backing, &backing_size);
	if (r < 0)
		return r;
	cdisk_range_acquire(&p->ranges, &all);
	r = cdisk_description_resize(&p->description, backing_size);
	if (r == 0)
		atomic_store(&p->size, p->description.size);
	cdisk_range_release(&p->ranges, &all);
	return r;
}
