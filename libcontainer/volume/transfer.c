// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The data path. A request is cut at the borders of segments, and inside an encrypted segment into
 * whole sectors, which are moved in chunks, and partial ones, which are read, changed and written.
 */
#include "volume/volume.h"

#include <string.h>
#include "volume/plain.h"

/* The part of a request that lies in one segment. */
struct span {
	const struct cdisk_segment *segment;
	struct cdisk_cipher *cipher; /* of CRYPT */
	uint64_t at;		     /* in the segment */
	uint64_t size;
};

static uint32_t segment_index(const struct cdisk_description *d, uint64_t offset)
{
	uint32_t i = d->n_segments - 1;

	while (i > 0 && d->segments[i].start > offset)
		i--;
	return i;
}

/* The first span of [offset, offset + size); the lane is NULL where no cipher is needed. */
static struct span span_first(const struct cdisk_plain *p, const struct cdisk_lane *lane,
	uint64_t offset, uint64_t size)
{
	uint32_t i = segment_index(&p->description, offset);
	const struct cdisk_segment *s = &p->description.segments[i];
	struct span span = {.segment = s, .at = offset - s->start, .size = size};

	if (span.size > s->length - span.at)
		span.size = s->length - span.at;
	if (lane && s->kind == CDISK_SEGMENT_CRYPT)
		span.cipher = lane->ciphers[p->lanes.cipher_of[i]];
	return span;
}

static uint32_t segment_granule(const struct cdisk_segment *s)
{
	return s->kind == CDISK_SEGMENT_CRYPT ? s->cipher.sector_size : 1;
}

/*
 * Takes the range, widened to whole encryption sectors, and then checks it against the size, which
 * cannot change any more until the range is released. -EINVAL, -ENOKEY (locked): nothing is held.
 */
static int range_take(struct cdisk_plain *p, struct cdisk_range *range, uint64_t offset,
	uint64_t size, bool exclusive)
{
	const struct cdisk_description *d = &p->description;
	const struct cdisk_segment *first, *last;
	uint64_t end, tail;
	int r = 0;

	if (!cdisk_add_u64(offset, size, &end) || end > INT64_MAX)
		return -EINVAL;
	first = &d->segments[segment_index(d, offset)];
	last = &d->segments[segment_index(d, end - 1)];
	tail = (end - last->start) % segment_granule(last);
	range->start = first->start +
		       cdisk_round_down(offset - first->start, segment_granule(first));
	range->end = tail ? end + (segment_granule(last) - tail) : end;
	range->exclusive = exclusive;
	cdisk_range_acquire(&p->ranges, range);
	if (!cdisk_range_inside(offset, size, d->size))
		r = -EINVAL;
	else if (atomic_load(&p->locked))
		r = -ENOKEY;
	if (r < 0)
		cdisk_range_release(&p->ranges, range);
	return r;
}

static uint64_t span_iv(const struct span *s, uint64_t at)
{
	return s->segment->iv0 + at / s->segment->cipher.iv_unit;
}

/* Bytes of the next step: a part of one sector (*ret_skip bytes in), or whole sectors. */
static size_t step_size(const struct span *s, size_t *ret_skip)
{
	uint32_t sector = s->segment->cipher.sector_size;
	size_t skip = (size_t)(s->at % sector);

	*ret_skip = skip;
	if (skip > 0 || s->size < sector) {
		size_t left = sector - skip;

		return s->size < left ? (size_t)s->size : left;
	}
	if (s->size >= CDISK_LANE_CHUNK)
		return CDISK_LANE_CHUNK;
	return (size_t)cdisk_round_down(s->size, sector);
}

/* Whole sectors at `at`, decrypted where they were read to. */
static int sectors_read(struct cdisk_plain *p, const struct span *s, uint64_t at, uint8_t *buf,
	size_t size)
{
	int r = p->backing->ops->pread(p->backing, buf, size, s->segment->offset + at);

	if (r < 0)
		return r;
	return cdisk_cipher_decrypt(s->cipher, span_iv(s, at), buf, buf, size);
}

/* Whole sectors; src is left alone, or is the lane's chunk itself. */
static int sectors_write(struct cdisk_plain *p, const struct span *s, struct cdisk_lane *lane,
	uint64_t at, const uint8_t *src, size_t size)
{
	int r = cdisk_cipher_encrypt(s->cipher, span_iv(s, at), lane->chunk, src, size);

	if (r < 0)
		return r;
	return p->backing->ops->pwrite(p->backing, lane->chunk, size, s->segment->offset + at);
}

static int crypt_read(struct cdisk_plain *p, struct span s, struct cdisk_lane *lane, uint8_t *buf)
{
	size_t n, skip, sector = s.segment->cipher.sector_size;
	int r;

	for (; s.size > 0; s.at += n, s.size -= n, buf += n) {
		n = step_size(&s, &skip);
		if (n % sector == 0) {
			r = sectors_read(p, &s, s.at, buf, n);
		} else {
			r = sectors_read(p, &s, s.at - skip, lane->sector, sector);
			if (r == 0)
				memcpy(buf, lane->sector + skip, n);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

/* Part of a sector: the rest of it keeps what it has. buf NULL: zeros. */
static int sector_patch(struct cdisk_plain *p, const struct span *s, struct cdisk_lane *lane,
	size_t skip, const uint8_t *buf, size_t size)
{
	size_t sector = s->segment->cipher.sector_size;
	int r = sectors_read(p, s, s->at - skip, lane->sector, sector);

	if (r < 0)
		return r;
	if (buf)
		memcpy(lane->sector + skip, buf, size);
	else
		memset(lane->sector + skip, 0, size);
	return sectors_write(p, s, lane, s->at - skip, lane->sector, sector);
}

static int crypt_write(struct cdisk_plain *p, struct span s, struct cdisk_lane *lane,
	const uint8_t *buf)
{
	size_t n, skip, sector = s.segment->cipher.sector_size;
	int r;

	for (; s.size > 0; s.at += n, s.size -= n) {
		n = step_size(&s, &skip);
		if (n % sector != 0) {
			r = sector_patch(p, &s, lane, skip, buf, n);
		} else if (buf) {
			r = sectors_write(p, &s, lane, s.at, buf, n);
		} else {
			memset(lane->chunk, 0, n);
			r = sectors_write(p, &s, lane, s.at, lane->chunk, n);
		}
		if (r < 0)
			return r;
		if (buf)
			buf += n;
	}
	return 0;
}

static const uint8_t zeros[CDISK_SECTOR_MAX];

static int linear_write(struct cdisk_plain *p, struct span s, const uint8_t *buf)
{
	size_t n;
	int r;

	if (buf)
		return p->backing->ops->pwrite(p->backing, buf, (size_t)s.size,
			s.segment->offset + s.at);
	for (; s.size > 0; s.at += n, s.size -= n) {
		n = s.size < sizeof(zeros) ? (size_t)s.size : sizeof(zeros);
		r = p->backing->ops->pwrite(p->backing, zeros, n, s.segment->offset + s.at);
		if (r < 0)
			return r;
	}
	return 0;
}

static int span_read(struct cdisk_plain *p, struct span s, struct cdisk_lane *lane, uint8_t *buf)
{
	switch (s.segment->kind) {
	case CDISK_SEGMENT_CRYPT:
		return crypt_read(p, s, lane, buf);
	case CDISK_SEGMENT_LINEAR:
		return p->backing->ops->pread(p->backing, buf, (size_t)s.size,
			s.segment->offset + s.at);
	case CDISK_SEGMENT_ZERO:
		memset(buf, 0, (size_t)s.size);
		return 0;
	default:
		return -EINVAL;
	}
}

/* buf NULL: zeros, which a ZERO segment has already. */
static int span_write(struct cdisk_plain *p, struct span s, struct cdisk_lane *lane,
	const uint8_t *buf)
{
	switch (s.segment->kind) {
	case CDISK_SEGMENT_CRYPT:
		return crypt_write(p, s, lane, buf);
	case CDISK_SEGMENT_LINEAR:
		return linear_write(p, s, buf);
	case CDISK_SEGMENT_ZERO:
		return buf ? -EROFS : 0;
	default:
		return -EINVAL;
	}
}

/* The range comes before the lane: whoever has a lane waits for nobody. */
static struct cdisk_lane *lane_take(struct cdisk_plain *p)
{
	return p->lanes.n_ciphers > 0 ? cdisk_lane_borrow(&p->lanes) : NULL;
}

static void lane_give(struct cdisk_plain *p, struct cdisk_lane *lane)
{
	if (lane)
		cdisk_lane_return(&p->lanes, lane);
}

int cdisk_plain_pread(struct cdisk_plain *p, void *buf, size_t size, uint64_t offset)
{
	struct cdisk_range range;
	struct cdisk_lane *lane;
	uint8_t *to = buf;
	int r;

	if (size == 0)
		return offset <= cdisk_plain_size(p) ? 0 : -EINVAL;
	r = range_take(p, &range, offset, size, false);
	if (r < 0)
		return r;
	lane = lane_take(p);
	while (size > 0 && r == 0) {
		struct span s = span_first(p, lane, offset, size);

		r = span_read(p, s, lane, to);
		to += s.size;
		offset += s.size;
		size -= (size_t)s.size;
	}
	lane_give(p, lane);
	cdisk_range_release(&p->ranges, &range);
	return r;
}

/* Nothing is written where a part of the range cannot be. */
static int range_writable(const struct cdisk_plain *p, uint64_t offset, uint64_t size)
{
	while (size > 0) {
		struct span s = span_first(p, NULL, offset, size);

		if (s.segment->kind == CDISK_SEGMENT_ZERO)
			return -EROFS;
		offset += s.size;
		size -= s.size;
	}
	return 0;
}

static int plain_write(struct cdisk_plain *p, const uint8_t *buf, uint64_t size, uint64_t offset)
{
	struct cdisk_range range;
	struct cdisk_lane *lane;
	int r;

	if (p->description.read_only)
		return -EROFS;
	if (size == 0)
		return offset <= cdisk_plain_size(p) ? 0 : -EINVAL;
	r = range_take(p, &range, offset, size, true);
	if (r < 0)
		return r;
	if (buf)
		r = range_writable(p, offset, size);
	lane = lane_take(p);
	while (size > 0 && r == 0) {
		struct span s = span_first(p, lane, offset, size);

		r = span_write(p, s, lane, buf);
		if (buf)
			buf += s.size;
		offset += s.size;
		size -= s.size;
	}
	lane_give(p, lane);
	cdisk_range_release(&p->ranges, &range);
	return r;
}

int cdisk_plain_pwrite(struct cdisk_plain *p, const void *buf, size_t size, uint64_t offset)
{
	return plain_write(p, buf, size, offset);
}

int cdisk_plain_zero(struct cdisk_plain *p, uint64_t offset, uint64_t size)
{
	uint64_t n;
	int r;

	if (!cdisk_range_inside(offset, size, cdisk_plain_size(p)))
		return -EINVAL;
	/* In steps, so that others are not kept out of a long range until its end. */
	for (; size > 0; offset += n, size -= n) {
		n = size < 1024 * 1024 ? size : 1024 * 1024;
		r = plain_write(p, NULL, n, offset);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Whole sectors inside the span (512 bytes at least: a block device takes no less). */
static int span_discard(struct cdisk_plain *p, const struct span *s, uint64_t *done)
{
	uint64_t step = segment_granule(s->segment), start = s->at, end = s->at + s->size;
	int r;

	if (s->segment->kind == CDISK_SEGMENT_ZERO)
		return 0;
	if (step < CDISK_SECTOR_MIN)
		step = CDISK_SECTOR_MIN;
	if (start % step)
		start += step - start % step;
	end = cdisk_round_down(end, step);
	if (start >= end)
		return 0;
	r = p->backing->ops->discard(p->backing, s->segment->offset + start, end - start);
	if (r == 0)
		*done += end - start;
	return r;
}

int cdisk_plain_discard(struct cdisk_plain *p, uint64_t offset, uint64_t size, uint64_t *ret_bytes)
{
	struct cdisk_range range;
	uint64_t done = 0;
	int r;

	if (p->description.read_only)
		return -EROFS;
	if (size == 0) {
		*ret_bytes = 0;
		return 0;
	}
	r = range_take(p, &range, offset, size, true);
	if (r < 0)
		return r;
	while (size > 0 && r == 0) {
		struct span s = span_first(p, NULL, offset, size);

		r = span_discard(p, &s, &done);
		offset += s.size;
		size -= s.size;
	}
	cdisk_range_release(&p->ranges, &range);
	if (r == 0)
		*ret_bytes = done;
	return r;
}
