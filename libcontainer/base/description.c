// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/description.h"

#include <string.h>

static bool power_of_two(uint32_t v)
{
	return v != 0 && (v & (v - 1)) == 0;
}

static const char *cipher_flaw(const struct cdisk_segment *s, size_t key_size)
{
	const struct cdisk_cipher_spec *k = &s->cipher;

	if (k->chain_len < 1 || k->chain_len > CDISK_CHAIN_MAX)
		return "a segment has no cipher or too many";
	if (!power_of_two(k->sector_size) || k->sector_size < CDISK_SECTOR_MIN ||
	    k->sector_size > CDISK_SECTOR_MAX)
		return "a segment has an impossible sector size";
	if (k->iv_unit != CDISK_SECTOR_MIN && k->iv_unit != k->sector_size)
		return "a segment has an impossible IV unit";
	if (memchr(k->iv_hash, '\0', sizeof(k->iv_hash)) == NULL)
		return "a segment's IV hash has no end";
	if (k->key_size == 0 || !cdisk_range_inside(s->key_offset, k->key_size, key_size))
		return "a segment's key is not in the key material";
	if (s->length % k->sector_size != 0 || s->start % k->sector_size != 0)
		return "a segment does not end on a sector";
	return NULL;
}

static const char *segment_flaw(const struct cdisk_segment *s, uint64_t expected_start,
				uint64_t backing_size, size_t key_size)
{
	uint64_t end;

	if (s->start != expected_start)
		return "segments leave a gap or overlap";
	if (s->length == 0 || s->length % CDISK_SECTOR_MIN != 0)
		return "a segment has an impossible length";
	if (!cdisk_add_u64(s->start, s->length, &end) || end > INT64_MAX)
		return "a segment ends beyond what a file can hold";
	if (s->kind == CDISK_SEGMENT_ZERO)
		return NULL;
	if (s->kind != CDISK_SEGMENT_CRYPT && s->kind != CDISK_SEGMENT_LINEAR)
		return "a segment is of an unknown kind";
	if (!cdisk_range_inside(s->offset, s->length, backing_size))
		return "a segment lies outside its backing";
	return s->kind == CDISK_SEGMENT_CRYPT ? cipher_flaw(s, key_size) : NULL;
}

int cdisk_description_check(const struct cdisk_description *d, uint64_t backing_size,
			    const char **ret_why)
{
	size_t key_size = d->key ? cdisk_secret_size(d->key) : 0;
	const char *why = NULL;
	uint64_t at = 0;

	if (d->n_segments < 1 || d->n_segments > CDISK_SEGMENTS_MAX)
		why = "no segments, or too many";
	else if (!power_of_two(d->sector_size) || d->sector_size < CDISK_SECTOR_MIN ||
		 d->sector_size > CDISK_SECTOR_MAX)
		why = "an impossible sector size";
	else if (!memchr(d->id, '\0', sizeof(d->id)) || !memchr(d->format, '\0', sizeof(d->format)) ||
		 !memchr(d->label, '\0', sizeof(d->label)))
		why = "a name has no end";
	for (uint32_t i = 0; !why && i < d->n_segments; i++) {
		why = segment_flaw(&d->segments[i], at, backing_size, key_size);
		/* Sizes that follow the backing are rounded to the disk's sectors. */
		if (!why && d->segments[i].kind == CDISK_SEGMENT_CRYPT &&
		    d->segments[i].cipher.sector_size > d->sector_size)
			why = "a segment has larger sectors than its disk";
		at += d->segments[i].length;
	}
	if (!why && at != d->size)
		why = "the segments do not add up to the size";
	if (!why)
		return 0;
	*ret_why = why;
	return -EINVAL;
}

int cdisk_description_resize(struct cdisk_description *d, uint64_t backing_size)
{
	struct cdisk_segment *last = &d->segments[d->n_segments - 1];
	uint64_t length, end;

	if (!d->dynamic || last->kind == CDISK_SEGMENT_ZERO || backing_size <= last->offset)
		return -EINVAL;
	for (const struct cdisk_segment *s = d->segments; s < last; s++)
		if (s->kind != CDISK_SEGMENT_ZERO &&
		    !cdisk_range_inside(s->offset, s->length, backing_size))
			return -EINVAL;
	length = cdisk_round_down(backing_size - last->offset, d->sector_size);
	if (length == 0 || !cdisk_add_u64(last->start, length, &end) || end > INT64_MAX)
		return -EINVAL;
	last->length = length;
	d->size = end;
	return 0;
}

void cdisk_description_done(struct cdisk_description *d)
{
	cdisk_secret_free(d->key);
	d->key = NULL;
}
