// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/keyslot_area.h"

#include <string.h>
#include "base/io.h"

#define SECTOR 512u /* areas are encrypted in sectors of 512 bytes, counted from 0 */
#define STEP 4096u  /* bytes of stripes that are in memory at a time */

/*
 * Merging n stripes is merging the first k and then that result, as a first stripe, with the rest.
 * So stripes holds what is merged so far, followed by stripes that are not.
 */
struct merge {
	const struct cdisk_slot *slot;
	uint8_t *stripes;    /* (held_max + 1) * key_size bytes */
	uint8_t *key;	     /* of the caller */
	uint32_t held_max;   /* stripes after the first */
	uint32_t left;	     /* stripes that are still to come */
	size_t filled;	     /* bytes in stripes */
};

static int merge_flush(struct merge *m)
{
	size_t size = m->slot->key_size;
	int r = cdisk_af_merge(m->slot->af_hash, m->stripes, m->key, size,
			       (unsigned int)(m->filled / size));

	if (r < 0)
		return r;
	memcpy(m->stripes, m->key, size);
	m->filled = size;
	return 0;
}

static int merge_feed(struct merge *m, const uint8_t *plain, size_t n)
{
	size_t size = m->slot->key_size, whole = (m->held_max + 1) * size;
	uint64_t wanted = (uint64_t)m->left * size;
	int r = 0;

	if (n > wanted)
		n = (size_t)wanted; /* the last sector may be longer than the stripes */
	while (n > 0 && r == 0) {
		size_t take = whole - m->filled < n ? whole - m->filled : n;
		size_t before = m->filled / size;

		memcpy(m->stripes + m->filled, plain, take);
		m->filled += take;
		m->left -= (uint32_t)(m->filled / size - before);
		plain += take;
		n -= take;
		if (m->filled == whole || m->left == 0)
			r = merge_flush(m);
	}
	return r;
}

/* size bytes at offset of the area, as they lie in the header's copy. */
static int area_read(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_slot *slot,
		     uint64_t offset, uint8_t *bytes, size_t size)
{
	int r = cdisk_pread_full(h->image_fd, bytes, size, slot->area_offset + offset);

	if (r < 0)
		return cdisk_fail(c, r, "keyslot %d: its area cannot be read: %s", slot->number,
				  strerror(-r));
	return 0;
}

static int area_run(struct cdisk *c, const struct cdisk_header *h, struct merge *m,
		    struct cdisk_cipher *cipher, uint8_t *step, uint64_t material)
{
	uint64_t offset;
	int r;

	for (offset = 0; offset < material; offset += STEP) {
		size_t n = material - offset < STEP ? (size_t)(material - offset) : STEP;

		r = area_read(c, h, m->slot, offset, step, n);
		if (r < 0)
			return r;
		if (cipher)
			r = cdisk_cipher_decrypt(cipher, offset / SECTOR, step, step, n);
		if (r == 0)
			r = merge_feed(m, step, n);
		if (r < 0)
			return cdisk_fail(c, r, "keyslot %d: cannot decrypt its area: %s",
					  m->slot->number, strerror(-r));
	}
	return 0;
}

int cdisk_slot_merge(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_slot *slot,
		     struct cdisk_cipher *cipher, uint8_t *key)
{
	_cleanup_secret_ struct cdisk_secret *step = NULL;
	_cleanup_secret_ struct cdisk_secret *stripes = NULL;
	struct merge m = {.slot = slot, .key = key, .left = slot->stripes};
	uint64_t material = (uint64_t)slot->key_size * slot->stripes;
	int r;

	material = cdisk_round_down(material + SECTOR - 1, SECTOR);
	m.held_max = STEP / slot->key_size;
	r = cdisk_secret_alloc(STEP, &step);
	if (r == 0)
		r = cdisk_secret_alloc((m.held_max + 1) * slot->key_size, &stripes);
	if (r < 0)
		return cdisk_fail(c, r, "no memory is left for secrets");
	m.stripes = cdisk_secret_data(stripes);
	return area_run(c, h, &m, cipher, cdisk_secret_data(step), material);
}
