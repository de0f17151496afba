// SPDX-License-Identifier: GPL-2.0-or-later
/* A description that passes its check holds what volume code relies on, also after a resize. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include "base/description.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t take_u64(const uint8_t **data, size_t *size)
{
	uint64_t v = 0;
	size_t n = *size < sizeof(v) ? *size : sizeof(v);

	memcpy(&v, *data, n);
	*data += n;
	*size -= n;
	return v;
}

static void must_hold(const struct cdisk_description *d, uint64_t backing_size, size_t key_size)
{
	uint64_t at = 0;

	assert(d->n_segments >= 1 && d->n_segments <= CDISK_SEGMENTS_MAX);
	for (uint32_t i = 0; i < d->n_segments; i++) {
		const struct cdisk_segment *s = &d->segments[i];

		assert(s->start == at && s->length > 0 && s->length <= INT64_MAX - at);
		at += s->length;
		if (s->kind == CDISK_SEGMENT_ZERO)
			continue;
		assert(s->offset <= backing_size && s->length <= backing_size - s->offset);
		if (s->kind != CDISK_SEGMENT_CRYPT)
			continue;
		assert(s->length % s->cipher.sector_size == 0);
		assert(s->start % s->cipher.sector_size == 0);
		assert(s->key_offset <= key_size && s->cipher.key_size <= key_size - s->key_offset);
	}
	assert(at == d->size);
}

/* First 8 bytes: size of the backing; next 8: of the key (its lower 9 bits); then the description. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cdisk_description d;
	uint64_t backing = take_u64(&data, &size);
	size_t key_size = (size_t)(take_u64(&data, &size) & 511);
	const char *why = NULL;
	uint8_t flags[2];

	memset(&d, 0, sizeof(d));
	memcpy(&d, data, size < sizeof(d) ? size : sizeof(d));
	memcpy(&flags[0], &d.dynamic, 1);
	memcpy(&flags[1], &d.read_only, 1);
	d.dynamic = flags[0] & 1;
	d.read_only = flags[1] & 1;
	d.key = NULL;
	if (key_size > 0 && cdisk_secret_alloc(key_size, &d.key) < 0)
		return 0;
	if (cdisk_description_check(&d, backing, &why) == 0) {
		must_hold(&d, backing, key_size);
		if (cdisk_description_resize(&d, backing / 2) == 0)
			must_hold(&d, backing / 2, key_size);
	} else {
		assert(why);
	}
	cdisk_description_done(&d);
	return 0;
}
